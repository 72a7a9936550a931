"""The wind in a generator: how it enters, and what is likely for a photo.

The encoder sees the photo alone, so that what it finds there can say which winds are likely. The
wind enters at the bottleneck, as a scale and an offset of every channel (FiLM, Perez et al. 2018):
constant channels beside the photo would be taken out again by the next instance norm.
"""

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.initializers import uniform_fan_in
from ssagan_jax.ops import mixture
from ssagan_jax.types import Wind

WINDS = ("none", "given")
UNIT = 0.01  # shares of the picture per frame: what winds are divided by, to be of the order of 1
HIDDEN = 64
COMPONENTS = 8  # of the prior: around a circle


class Modulate(nn.Module):
    """Scales and shifts activations by what the wind is; at first it leaves them as they are."""

    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: Float[Array, "b t h w c"], wind: Wind) -> Float[Array, "b t h w c"]:
        hidden = nn.relu(_dense(HIDDEN, 2, self.compute.draw, "hidden")(wind / UNIT))
        last = nn.Dense(2 * x.shape[-1], kernel_init=nn.initializers.zeros, name="output")
        scale, offset = jnp.split(last(hidden), 2, axis=-1)
        scale, offset = (y[:, None, None, None].astype(x.dtype) for y in (scale, offset))
        return x * (1 + scale) + offset


def append_wind(clip: Float[Array, "b t h w c"], wind: Wind | None) -> Float[Array, "b t h w d"]:
    """The clip with two more channels, which say its wind everywhere; None: no wind.

    For networks without instance norm, such as the discriminator's first level.
    """
    wind = jnp.zeros((len(clip), 2)) if wind is None else wind / UNIT
    channels = jnp.broadcast_to(wind[:, None, None, None], (*clip.shape[:-1], 2))
    return jnp.concatenate([clip, channels.astype(clip.dtype)], axis=-1)


class WindPrior(nn.Module):
    """p(wind | photo), a mixture of Gaussians, from the encoder's deepest activations.

    It is trained by its likelihood alone (the loss ``wind_likelihood``), and moves nothing but its
    own parameters: a generator is the same with it and without.
    """

    compute: Compute = Compute()

    @nn.compact
    def __call__(self, encoded: Float[Array, "b t h w c"]) -> mixture.Mixture:
        x = jax.lax.stop_gradient(encoded).astype(jnp.float32).mean(axis=(1, 2, 3))
        x = nn.LayerNorm(name="norm")(x)
        x = nn.relu(_dense(HIDDEN, x.shape[-1], self.compute.draw, "hidden")(x))
        size = COMPONENTS * mixture.SIZE
        x = nn.Dense(size, kernel_init=nn.initializers.zeros, name="output")(x)
        x = x.reshape(-1, COMPONENTS, mixture.SIZE)
        means, scales = UNIT * (x[..., 1:3] + _circle()), x[..., 3:] + np.log(UNIT)
        return jnp.concatenate([x[..., :1], means, scales], axis=-1)


def _circle() -> Float[np.ndarray, "k 2"]:
    """Where the components start: different, or all would learn the same."""
    angles = 2 * np.pi * np.arange(COMPONENTS) / COMPONENTS
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32)


def _dense(features, fan_in, draw, name):
    return nn.Dense(features, kernel_init=uniform_fan_in(fan_in, draw), name=name)
