"""``Animator``: the trained network as a function of a batch of model-sized photos."""

import functools
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import flax.linen as nn
import jax
import numpy as np
from jaxtyping import UInt8

from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.ops.image import to_float, to_uint8

Tree = TypeVar("Tree")

STATISTICS = ("running", "batch")


@dataclass(frozen=True)
class Animator:
    """A trained generator: model-sized photos in, clips out.

    Compiled at the first call for each number of photos; runs on one device.

    Attributes:
      size: height and width S of its photos and clips, in pixels.
      frames: length T of its clips.
      draws_noise: whether there are several clips of one photo.
    """

    size: int
    frames: int
    draws_noise: bool
    _run: Callable[..., jax.Array] = field(repr=False)

    def __call__(self, photos: np.ndarray, *, seed: int = 0) -> UInt8[np.ndarray, "b t s s 3"]:
        """Animates photos, uint8 [B, S, S, 3], to clips [B, T, S, S, 3].

        The seed and the photo decide its noise, and so its clip: neither the other photos of the
        batch nor its place there do (with running statistics).

        Raises:
          ValueError: photos of another type or size.
        """
        size = self.size
        if photos.dtype != np.uint8 or photos.ndim != 4 or photos.shape[1:] != (size, size, 3):
            raise ValueError(
                f"This model animates uint8 photos [B, {size}, {size}, 3], "
                f"got {photos.dtype} {list(photos.shape)}."
            )
        words = np.array([zlib.crc32(photo.tobytes()) for photo in photos], np.uint32)
        return jax.device_get(self._run(*_on_device((photos, np.uint32(seed % 2**32), words))))


def load_animator(
    path: str | os.PathLike | None = None, *, statistics: str = "running"
) -> Animator:
    """Loads the Animator of a training workdir, of one checkpoint folder, or the bundled one.

    Args:
      path: the folder; None: the small model that comes with the package.
      statistics: what normalises in batch normalisation: "running" averages, or those
        of the "batch" at hand as the authors evaluated.

    Raises:
      FileNotFoundError: there is no checkpoint.
      ValueError: unknown statistics.
    """
    from ssagan_jax.checkpoints import bundled, networks

    network, variables, _ = (
        bundled.load_bundled() if path is None else networks.load_generator(path)
    )
    return build_animator(network, variables, statistics=statistics)


def build_animator(
    network: NetworkConfig, variables: Mapping[str, Any], *, statistics: str = "running"
) -> Animator:
    """The Animator of a generator and its variables (all collections)."""
    from ssagan_jax.models import from_config

    if statistics not in STATISTICS:
        raise ValueError(f'Unknown statistics "{statistics}". Known: {", ".join(STATISTICS)}.')
    module = from_config.generator(network)
    run = functools.partial(_program(module, train=statistics == "batch"), _on_device(variables))
    return Animator(module.size, module.frames, draws_noise(module), run)


def draws_noise(module: nn.Module) -> bool:
    """Whether a generator takes from the stream ``noise``: it says so by ``draws_noise = True``."""
    return getattr(module, "draws_noise", False)


@functools.lru_cache(maxsize=4)
def _program(module: nn.Module, *, train: bool) -> Callable[..., jax.Array]:
    """The jitted model; the same object for the same module, so that it compiles once."""

    @jax.jit
    def run(variables, photos, seed, words):
        frame = to_float(photos)
        if draws_noise(module):
            keys = jax.vmap(jax.random.fold_in, (None, 0))(jax.random.key(seed), words)
            if not train:
                return to_uint8(jax.vmap(functools.partial(one, variables))(frame, keys))
            rngs = {"noise": keys[0]}  # of the whole batch, whose clips are not apart here
        else:
            rngs = {}
        generated: Any
        if train:  # the updated averages are dropped
            updated = [name for name in variables if name != "params"]
            generated, _ = module.apply(variables, frame, train=True, mutable=updated, rngs=rngs)
        else:
            generated = module.apply(variables, frame, train=False)
        return to_uint8(generated.clip)

    def one(variables, frame, key):
        generated: Any = module.apply(variables, frame[None], train=False, rngs={"noise": key})
        return generated.clip[0]

    return run


def _on_device(tree: Tree) -> Tree:
    """On this process's first device: the variables of a training run may be on several."""
    return jax.device_put(tree, jax.local_devices()[0])
