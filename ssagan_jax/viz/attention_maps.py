"""What a trained generator's attention looks at, level by level, for chosen points of a photo."""

import functools
from collections.abc import Callable, Mapping

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.ops.attention_row import attention_row
from ssagan_jax.ops.image import to_float

Maps = dict[str, Float[np.ndarray, "b p _ _ _"]]  # time, height and width are the level's

PREFIX = "attention_"  # of the names of a generator's attention blocks
# The maps of a few photos are computed now and then: on a CPU, compiling in a third of the time is
# worth more than running a little faster.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
BLOCKS = 16  # along each side of a photo, where points are looked for


def attention_maps(
    module: nn.Module,
    variables: Mapping,
    photos: UInt8[np.ndarray, "b s s 3"],
    points: Float[np.ndarray, "b p 2"],
) -> Maps:
    """The attention weights of each level for some points of photos.

    Taken in the middle frame of the level, with running statistics.

    Args:
      module: a generator.
      variables: its variables, all collections.
      photos: of the generator's size.
      points: row and column in the photo, each from 0 (included) to 1 (excluded).

    Returns:
      Level (``encoder1``, from the photo inwards, to ``decoder1``, ... outwards) -> weights as
      ``ops.attention_row`` has them, which sum to 1 for every photo and point. Empty for a
      generator without attention.
    """
    if not any(name.startswith(PREFIX) for name in variables["params"]):
        return {}
    device = jax.local_devices()[0]
    arguments = jax.device_put((dict(variables), photos, points.astype(np.float32)), device)
    return _in_order(jax.device_get(_program(_unfolded(module))(*arguments)))


def find_sky_and_land(photo: UInt8[np.ndarray, "h w 3"]) -> Float[np.ndarray, "2 2"]:
    """Two points of a photo: the brightest of the upper half, the darkest of the lower half.

    Centres of blocks, of which 16 lie along each side.
    """
    height, width = photo.shape[0] // BLOCKS, photo.shape[1] // BLOCKS
    whole = photo[: height * BLOCKS, : width * BLOCKS].astype(np.float32)
    means = whole.reshape(BLOCKS, height, BLOCKS, width, 3).mean((1, 3, 4))
    half = BLOCKS // 2
    sky = np.unravel_index(means[:half].argmax(), (half, BLOCKS))
    land = np.unravel_index(means[half:].argmin(), (half, BLOCKS))
    return (np.array([sky, (land[0] + half, land[1])]) + 0.5) / BLOCKS


def replace_gamma(variables: Mapping, gamma: float) -> dict:
    """A generator's variables with every attention block's gamma set to one value."""
    params = {
        name: {**block, "gamma": np.float32(gamma)}
        if name.startswith(PREFIX) and "gamma" in block
        else block
        for name, block in variables["params"].items()
    }
    return {**variables, "params": params}


def compute_attention_distance(
    weights: Float[np.ndarray, "b p t h w"], points: Float[np.ndarray, "b p 2"]
) -> Float[np.ndarray, "b p"]:
    """How far points look: the mean distance of what they attend to, in sides of the photo.

    Args:
      weights: of one level, as ``attention_maps`` returns them.
      points: those they are of.
    """
    h, w = weights.shape[-2:]
    rows, columns = (np.arange(h) + 0.5) / h, (np.arange(w) + 0.5) / w
    down = (rows - points[..., :1])[..., :, None]
    right = (columns - points[..., 1:])[..., None, :]
    return (weights.sum(2) * np.sqrt(down**2 + right**2)).sum((-2, -1))


def _unfolded(module):
    """The generator with every frame computed, where it has a shorter way for equal ones."""
    return module.clone(fold=False) if hasattr(module, "fold") else module


def _in_order(maps: Maps) -> Maps:
    """From the photo to the clip."""
    return dict(sorted(maps.items(), key=lambda item: (item[0].startswith("decoder"), item[0])))


@functools.lru_cache(maxsize=4)
def _program(module: nn.Module) -> Callable[..., Maps]:
    """Compiled once for a module; of the maps, only the rows asked for are computed."""

    def run(variables, photos, points):
        _, captured = module.apply(
            variables,
            to_float(photos),
            train=False,
            capture_intermediates=lambda module, _: module.name in ("query", "key"),
            mutable=["intermediates"],
        )
        return {
            # The authors' 64-pixel network calls a block twice: the decoder's is the second.
            name.removeprefix(PREFIX) + (" again" if call else ""): _rows(query, key, points)
            for name, block in captured["intermediates"].items()
            for call, (query, key) in enumerate(
                zip(block["query"]["__call__"], block["key"]["__call__"], strict=True)
            )
        }

    def _rows(query, key, points):
        _, t, h, w, _ = query.shape
        places = jnp.floor(points * jnp.array([h, w])).astype(jnp.int32)
        middle = jnp.full((*places.shape[:2], 1), t // 2)
        positions = jnp.concatenate([middle, places], axis=-1)
        row = functools.partial(attention_row, query, key, kind=module.attention)
        return jax.vmap(row, in_axes=1, out_axes=1)(positions)

    return jax.jit(run, compiler_options=QUICK if jax.default_backend() == "cpu" else None)
