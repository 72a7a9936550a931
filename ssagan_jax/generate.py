"""Animating photos with a trained generator.

``load`` gives a function from one photo to one clip, ``generate`` goes from photo
files to video files, ``Animator`` is the batch of model-sized squares under both.
"""

import functools
import os
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import flax.linen as nn
import jax
import numpy as np
from jaxtyping import UInt8
from PIL import Image
from tqdm import tqdm

from ssagan_jax import photo_io, video_io
from ssagan_jax.ops.image import to_float, to_uint8

MAX_SIDE = 1280  # pixels: the long side of a generated clip, unless asked otherwise
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
    _run: Callable[[jax.Array, jax.Array, jax.Array], jax.Array] = field(repr=False)

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


def animator(path: str | os.PathLike, *, statistics: str = "running") -> Animator:
    """The Animator of a training workdir or of one checkpoint folder.

    Args:
      path: the folder.
      statistics: what normalises in batch normalisation: "running" averages, or those
        of the "batch" at hand as the authors evaluated.
    """
    from ssagan_jax.saved_network import load_generator

    config, variables, _ = load_generator(path)
    return assemble(config, variables, statistics=statistics)


def assemble(config: Mapping, variables: Mapping, *, statistics: str = "running") -> Animator:
    """The Animator of a resolved config and its generator's variables (all collections)."""
    from ssagan_jax import build

    if statistics not in STATISTICS:
        raise ValueError(f'Unknown statistics "{statistics}". Known: {", ".join(STATISTICS)}.')
    module = build.generator(config)
    run = functools.partial(_program(module, train=statistics == "batch"), _on_device(variables))
    return Animator(module.size, module.frames, draws_noise(module), run)


def draws_noise(module: nn.Module) -> bool:
    """Whether a generator takes from the stream ``noise``: it says so by ``draws_noise = True``."""
    return getattr(module, "draws_noise", False)


def load(
    path: str | os.PathLike, *, seed: int = 0, max_side: int = MAX_SIDE
) -> Callable[[np.ndarray], np.ndarray]:
    """A function from a photo, uint8 RGB [H, W, 3], to its clip, uint8 [T, H', W', 3].

    The clip is computed at the model's size, on the whole photo squeezed to a square,
    and stretched back. H' and W' are the photo's rounded down to even numbers, or, of a
    photo whose long side is above ``max_side``, those at the same aspect that fit in it.

    Args:
      path: a training workdir or one checkpoint folder.
      seed: of the noise, for models that have any. Equal seeds give equal clips of a photo.
      max_side: pixels.

    Raises:
      ValueError (the function): the photo has another type or shape.
    """
    model = animator(path)

    def animate(photo: np.ndarray) -> np.ndarray:
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or 0 in photo.shape:
            raise ValueError(
                f"A photo is uint8 [H, W, 3] and not empty, got {photo.dtype} {list(photo.shape)}."
            )
        square = _resized(photo, model.size, model.size)
        clip = model(square[None], seed=seed)[0]
        height, width = output_size(*photo.shape[:2], max_side=max_side)
        return np.stack([_resized(frame, height, width) for frame in clip])

    return animate


def output_size(height: int, width: int, *, max_side: int = MAX_SIDE) -> tuple[int, int]:
    """Height and width of the clip of a photo: even, at least 2, in ``max_side``."""
    if max_side < 2:
        raise ValueError(f"max_side is in pixels, at least 2, got {max_side}.")
    longest = max(height, width)
    target = min(longest, max_side)
    return max(2, height * target // longest // 2 * 2), max(2, width * target // longest // 2 * 2)


def generate(
    photos: Sequence[str | os.PathLike],
    output: str | os.PathLike,
    *,
    path: str | os.PathLike,
    seed: int = 0,
    fps: int | float = video_io.FPS,
    max_side: int = MAX_SIDE,
) -> list[Path]:
    """Animates photo files into video files; shows a progress bar when there are several.

    Args:
      photos: JPEG, PNG or WebP files.
      output: OUT.mp4 or OUT.gif for one photo, or a folder, for any number: then each
        clip is an mp4 named after its photo, numbered where names would clash.
      path: a training workdir or one checkpoint folder.
      seed: of the noise, together with the photo.
      fps: frames per second.
      max_side: the long side of the clips is at most this many pixels.

    Returns:
      The paths written, in the order of the photos.

    Raises:
      ValueError: bad arguments; or photos that could not be read, listed after the clips
        of the others have been written.
      FileNotFoundError: the only photo does not exist.
      OSError: the output cannot be written. Checked before the model is loaded.
    """
    targets = destinations(photos, output)
    video_io.check_output(targets[0], fps=fps)
    animate, written, failures = None, [], []
    jobs = list(zip(photos, targets, strict=True))
    for source, target in tqdm(jobs, desc="photos", unit="photo", disable=len(jobs) < 2):
        try:
            photo = photo_io.read_photo(source)
        except (ValueError, OSError) as error:
            if len(jobs) == 1:
                raise
            tqdm.write(str(error), file=sys.stderr)
            failures.append(str(error))
            continue
        animate = animate or load(path, seed=seed, max_side=max_side)
        written.append(video_io.write(target, animate(photo), fps=fps))
    if failures:
        summary = f"{len(failures)} of {len(jobs)} photos could not be read:"
        raise ValueError("\n  ".join([summary, *failures]))
    return written


def destinations(photos: Sequence[str | os.PathLike], output: str | os.PathLike) -> list[Path]:
    """Where the clip of each photo goes; arguments and errors as ``generate``."""
    if not photos:
        raise ValueError("No photos to animate, expected at least one.")
    folder, target = _is_folder(output), Path(output)
    if folder:
        return _names_in(target, [Path(photo).stem for photo in photos])
    if len(photos) > 1:
        raise ValueError(
            f"{len(photos)} photos do not fit into {target}, expected a folder: "
            f"for example {target.with_suffix('')}{os.sep}"
        )
    if target.exists() and os.path.exists(photos[0]) and target.samefile(photos[0]):
        raise ValueError(f"{target} is the photo itself, and would be overwritten.")
    return [target]


def _is_folder(output: str | os.PathLike) -> bool:
    text = os.fspath(output)
    return os.path.isdir(text) or text.endswith(os.sep) or not Path(text).suffix


def _names_in(folder: Path, stems: Sequence[str]) -> list[Path]:
    taken: dict[str, Path] = {}  # by case-folded name: some file systems ignore case
    for stem in stems:
        name, count = stem, 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken[name.casefold()] = folder / f"{name}.mp4"
    return list(taken.values())


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
        if not train:
            return to_uint8(module.apply(variables, frame, train=False).clip)
        # The updated averages are dropped.
        updated = [name for name in variables if name != "params"]
        generated, _ = module.apply(variables, frame, train=True, mutable=updated, rngs=rngs)
        return to_uint8(generated.clip)

    def one(variables, frame, key):
        return module.apply(variables, frame[None], train=False, rngs={"noise": key}).clip[0]

    return run


def _on_device(tree):
    """On this process's first device: the variables of a training run may be on several."""
    return jax.device_put(tree, jax.local_devices()[0])


def _resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    # Lanczos: antialiased going down, sharper than bicubic going up.
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(resized)
