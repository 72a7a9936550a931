"""``Animator``: the trained network as a function of a batch of model-sized photos."""

import functools
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import flax.linen as nn
import jax
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.models.variables import given_hints, takes_mask, takes_wind
from ssagan_jax.ops.image import to_float, to_uint8

Tree = TypeVar("Tree")

STATISTICS = ("running", "batch")


class Fields(NamedTuple):
    """How a generator that warps moves photos, for renderers of any size.

    Attributes:
      velocity: motion of the content (right, down), shares of the width and height per frame.
      mask: what moves, 0 to 1.
      change: of brightness, in grey levels, to be added to the warped photo; 0 in the first frame.
      wind: that was used, (right, down), shares per frame; 0 for a generator that takes none.
    """

    velocity: Float[np.ndarray, "b s s 2"]
    mask: Float[np.ndarray, "b s s"]
    change: Float[np.ndarray, "b t s s 3"]
    wind: Float[np.ndarray, "b 2"]


@dataclass(frozen=True)
class Animator:
    """A trained generator: model-sized photos in, clips out.

    Compiled at the first call for each number of photos; runs on one device.

    Attributes:
      size: height and width S of its photos and clips, in pixels.
      frames: length T of its clips.
      draws_noise: whether noise is an input.
      takes_wind: whether the wind is an input.
      has_fields: whether it warps, so that there are ``fields``.
      takes_mask: whether what may move is an input: see ``with_mask``.
    """

    size: int
    frames: int
    draws_noise: bool
    _run: Callable[..., Any] = field(repr=False)
    takes_wind: bool = False
    has_fields: bool = False
    takes_mask: bool = False
    _mask: Float[np.ndarray, "b s s"] | None = field(default=None, repr=False, compare=False)

    def with_mask(self, mask: np.ndarray) -> "Animator":
        """The same model, told what may move in the photos of each call; else it is all of them.

        Args:
          mask: float32 [B, S, S], from 0 (stands still) to 1.

        Raises:
          ValueError: for a model that takes no mask, or a mask of another type or size.
        """
        if not self.takes_mask:
            raise ValueError("This model takes no mask: what moves is its own choice.")
        if mask.dtype != np.float32 or mask.shape[1:] != (self.size, self.size):
            raise ValueError(
                f"This model takes float32 masks [B, {self.size}, {self.size}], "
                f"got {mask.dtype} {list(mask.shape)}."
            )
        return replace(self, _mask=mask)

    def __call__(
        self, photos: np.ndarray, *, seed: int | None = None, wind: np.ndarray | None = None
    ) -> UInt8[np.ndarray, "b t s s 3"]:
        """Animates photos, uint8 [B, S, S, 3], to clips [B, T, S, S, 3].

        The seed and the photo decide its noise, and so its clip: neither the other photos of the
        batch nor its place there do (with running statistics).

        Args:
          seed: of the noise (None: 0); of a model that takes wind: of the wind, drawn from those
            that are likely for the photo.
          wind: (right, down), shares per frame, float32 [B, 2]; None: the most likely one if there
            is no seed.

        Raises:
          ValueError: photos of another type or size, or a wind that the model does not take.
        """
        return jax.device_get(self._generate(photos, seed, wind)["clip"])

    def fields(
        self, photos: np.ndarray, *, seed: int | None = None, wind: np.ndarray | None = None
    ) -> Fields:
        """How it moves photos; arguments and errors as when called.

        Raises:
          ValueError: also for a model that does not warp.
        """
        if not self.has_fields:
            raise ValueError("This model repaints pixels, it moves none: it has no fields.")
        found = self._generate(photos, seed, wind)
        found = jax.device_get({name: x for name, x in found.items() if name in Fields._fields})
        return Fields(
            velocity=found["velocity"],
            mask=found["mask"][..., 0],
            change=127.5 * found["change"],
            wind=found.get("wind", np.zeros((len(photos), 2), np.float32)),
        )

    def prior(self, photos: np.ndarray) -> Float[np.ndarray, "b k 5"]:
        """Which winds a model finds likely for photos, as ``ops.mixture`` has it.

        Raises:
          ValueError: for a model without winds, or photos of another type or size.
        """
        if not self.takes_wind:
            raise ValueError("This model takes no wind, so none is likely.")
        return jax.device_get(self._generate(photos, None, None)["prior"])

    def _generate(self, photos, seed, wind):
        size = self.size
        if photos.dtype != np.uint8 or photos.ndim != 4 or photos.shape[1:] != (size, size, 3):
            raise ValueError(
                f"This model animates uint8 photos [B, {size}, {size}, 3], "
                f"got {photos.dtype} {list(photos.shape)}."
            )
        if self._mask is not None and len(self._mask) != len(photos):
            raise ValueError(f"{len(photos)} photos were given {len(self._mask)} masks.")
        words = np.array([zlib.crc32(photo.tobytes()) for photo in photos], np.uint32)
        if wind is not None:
            self._check_wind(photos, wind)
        key = None if seed is None and self.takes_wind else np.uint32((seed or 0) % 2**32)
        hints = {} if self._mask is None else {"mask": self._mask}
        return self._run(*_on_device((photos, key, words, wind)), **_on_device(hints))

    def _check_wind(self, photos, wind):
        if not self.takes_wind:
            raise ValueError("This model takes no wind: which way things move is its own choice.")
        if wind.dtype != np.float32 or wind.shape != (len(photos), 2):
            raise ValueError(
                f"A wind is float32 [{len(photos)}, 2], got {wind.dtype} {list(wind.shape)}."
            )


def load_animator(
    path: str | os.PathLike | None = None, *, statistics: str = "running"
) -> Animator:
    """Loads the Animator of a trained generator.

    Args:
      path: a training workdir, one checkpoint folder, a model folder (``ssagan export
        --format=safetensors``), or ``hf://ORG/NAME`` or ``hf://ORG/NAME@REVISION`` on the Hugging
        Face Hub; None: the small model that comes with the package.
      statistics: what normalises in batch normalisation: "running" averages, or those
        of the "batch" at hand as the authors evaluated.

    Raises:
      FileNotFoundError: there is no checkpoint.
      ValueError: unknown statistics, or a damaged checkpoint.
      ImportError, OSError: the hub needs a package, or does not answer.
    """
    from ssagan_jax.checkpoints import loading

    network, variables, _ = loading.load_generator(path)
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
    return Animator(
        module.size,
        module.frames,
        draws_noise(module),
        run,
        takes_wind=takes_wind(module),
        has_fields=getattr(module, "output", "") == "warp",
        takes_mask=takes_mask(module),
    )


def draws_noise(module: nn.Module) -> bool:
    """Whether a generator takes from the stream ``noise``: it says so by ``draws_noise = True``."""
    return getattr(module, "draws_noise", False)


@functools.lru_cache(maxsize=4)
def _program(module: nn.Module, *, train: bool) -> Callable[..., dict[str, jax.Array]]:
    """The jitted model; the same object for the same module, so that it compiles once."""

    @jax.jit
    def run(variables, photos, seed, words, wind, mask=None):
        frame = to_float(photos)
        draws = draws_noise(module) or (takes_wind(module) and wind is None and seed is not None)
        if not draws:
            return outputs(variables, frame, wind, mask, {})
        keys = jax.vmap(jax.random.fold_in, (None, 0))(jax.random.key(seed), words)
        if train:  # of the whole batch, whose clips are not apart here
            return outputs(variables, frame, wind, mask, {"noise": keys[0]})
        return jax.vmap(functools.partial(one, variables))(frame, keys, mask)

    def outputs(variables, frame, wind, mask, rngs):
        generated: Any
        given = given_hints(module, wind=wind, mask=mask)
        if train:  # the updated averages are dropped
            updated = [name for name in variables if name != "params"]
            generated, _ = module.apply(
                variables, frame, train=True, mutable=updated, rngs=rngs, **given
            )
        else:
            generated = module.apply(variables, frame, train=False, rngs=rngs, **given)
        return {"clip": to_uint8(generated.clip), **generated.extras}

    def one(variables, frame, key, mask):
        mask = None if mask is None else mask[None]
        found = outputs(variables, frame[None], None, mask, {"noise": key})
        return jax.tree.map(lambda x: x[0], found)

    return run


def _on_device(tree: Tree) -> Tree:
    """On this process's first device: the variables of a training run may be on several."""
    return jax.device_put(tree, jax.local_devices()[0])
