"""``ssagan generate``: photo files in, video files out."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from ssagan_jax.animation import masks, outputs, small_gifs
from ssagan_jax.animation.animator import load_animator
from ssagan_jax.animation.options import Options
from ssagan_jax.animation.rendering import SKY, Animation, animate
from ssagan_jax.io import encoders, media_files, paths, photo_files

_NEARLY_ALL = 0.9  # of the photo
_AT_THE_BOTTOM = 0.02  # of the bottom edge


def animate_files(
    photos: Sequence[str | os.PathLike],
    output: str | os.PathLike,
    *,
    path: str | os.PathLike | None = None,
    options: Options | None = None,
    mask: str | os.PathLike | None = None,
    files: outputs.Files | None = None,
    done: Callable[[Path], None] = lambda clip: None,
) -> list[Path]:
    """Animates photo files into video files; shows how far it is, and notes, on standard error.

    Args:
      photos: JPEG, PNG, WebP or HEIC files, or folders of them.
      output: OUT.mp4 or OUT.gif for one photo, or a folder, for any number: then each
        clip is an mp4 named after its photo, numbered where names would clash. In a folder,
        clips that are there already are kept, with what belongs to them, unless
        ``files.overwrite``.
      path: a training workdir or one checkpoint folder; None: the bundled model.
      options: how the photos move.
      mask: a picture whose white may move, or ``sky``: each photo's sky.
      files: what is written.
      done: is called with each clip once it is written.

    Returns:
      The clips written, in the order of the photos.

    Raises:
      ValueError: bad arguments; or photos that could not be animated, listed after the clips
        of the others have been written.
      FileNotFoundError: the only photo does not exist.
      FileExistsError: the only clip exists, or what would be written beside one that does not.
      OSError: the output cannot be written. Checked before the model is loaded.
    """
    options, files = options or Options(), files or outputs.Files()
    found = find_photos(photos)
    targets = outputs.destinations(found, output)
    outputs.check_outputs(targets[0], files)
    moves = _read_mask(mask)
    jobs = _to_do(list(zip(found, targets, strict=True)), files)
    animator, written, failures = None, [], _Failures(alone=len(targets) == 1)
    hidden = failures.alone or not jobs or None  # None: where there is no terminal
    for source, target in tqdm(jobs, desc="photos", unit="photo", disable=hidden):
        photo = clip = None
        with failures.of(source):
            photo = photo_files.read_photo(source, note=_note)
        if photo is None:
            continue
        animator = animator or load_animator(path)
        with failures.of(source):
            clip = animate(photo, animator, mask=moves, **vars(_sized(options, target)))
            _check_size(clip, target)
            if clip.wind:
                _note(f"{target.name}: the wind is {clip.wind}")
            if clip.wind or isinstance(moves, str):
                _warn(clip, target)
        if clip is not None:
            outputs.write_clip(clip, target, files, small=options.size == "native")
            written.append(target)
            done(target)
    failures.summarise(len(targets))
    return written


def find_photos(photos: Sequence[str | os.PathLike]) -> list[Path]:
    """The photos named, and those in the folders named, by name; not in folders of these.

    Raises:
      ValueError: there are none.
    """
    found: list[Path] = []
    for path in (paths.on_disk(photo, "A photo") for photo in photos):
        if not path.is_dir():
            found.append(path)
            continue
        inside = media_files.files_in(path, media_files.PHOTO_SUFFIXES)
        if not inside:
            kinds = ", ".join(media_files.PHOTO_SUFFIXES)
            raise ValueError(f"No photos in {path}, expected files ending in {kinds}.")
        found += inside
    if not found:
        raise ValueError("No photos to animate, expected at least one.")
    return found


class _Failures:
    """Photos that went wrong: noted and told at the end, but raised at once for a photo alone."""

    def __init__(self, *, alone: bool):
        self.alone = alone
        self._lines: list[str] = []

    @contextlib.contextmanager
    def of(self, source: Path) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError, ImportError) as error:
            if self.alone:
                raise
            text = str(error)
            self._lines.append(text if str(source) in text else f"{source}: {text}")
            tqdm.write(self._lines[-1], file=sys.stderr)

    def summarise(self, count: int) -> None:
        if self._lines:
            first = f"{len(self._lines)} of {count} photos could not be animated:"
            raise ValueError("\n  ".join([first, *self._lines]))


def _read_mask(mask: str | os.PathLike | None) -> masks.Mask | str | None:
    """White fades out towards its edge; ``sky`` stays a word, for each photo's own."""
    if mask is None:
        return None
    return SKY if mask == SKY else masks.feathered(photo_files.read_mask(mask))


def _to_do(jobs: list[tuple[Path, Path]], files: outputs.Files) -> list[tuple[Path, Path]]:
    """Those whose clips are not there yet, or may be replaced.

    Raises:
      FileExistsError: the only clip is there, or what belongs to a clip that is not.
    """
    if files.overwrite:
        return jobs
    new = []
    for source, target in jobs:
        there = [path for path in outputs.paths_of(target, files) if path.exists()]
        if not there:
            new.append((source, target))
        elif len(jobs) == 1:
            raise FileExistsError(f"{there[0]} exists. Choose another name, or pass --overwrite.")
        elif there[0] != target:
            raise FileExistsError(
                f"{there[0]} exists, and its clip {target} does not. Move it away, or pass "
                "--overwrite."
            )
        else:
            missing = [path.name for path in outputs.paths_of(target, files) if not path.exists()]
            without = f", without {', '.join(missing)}" if missing else ""
            _note(f"{target} exists and is kept{without}. Pass --overwrite to replace it.")
    return new


def _sized(options: Options, target: Path) -> Options:
    gif = target.suffix.lower() == ".gif"
    return replace(options, size=small_gifs.SIDE) if gif and options.size == "native" else options


def _check_size(clip: Animation, target: Path) -> None:
    if target.suffix.lower() != ".mp4":
        return
    encoders.check_mp4(clip.height, clip.width)
    if encoders.blocks(clip.height, clip.width) > encoders.PLAYED_EVERYWHERE:
        _note(
            f"{target.name}: {clip.width} x {clip.height} pixels are more than many phones and "
            "tablets play (H.264 level 5.2). With --size=2560 they do."
        )


def _warn(clip: Animation, target: Path) -> None:
    """Says that what was found to move is rarely meant."""
    moving, lowest = clip.mask.mean() / 255, clip.mask[-1].mean() / 255
    if moving > _NEARLY_ALL:
        found = f"{100 * moving:.0f} % of the photo moves"
    elif lowest > _AT_THE_BOTTOM:
        found = f"what moves reaches the bottom edge ({100 * lowest:.0f} % of it)"
    else:
        return
    _note(f"{target.name}: {found}. If that is too much, paint what may: --mask=FILE.png")


def _note(text: str) -> None:
    tqdm.write(f"note: {text}", file=sys.stderr)
