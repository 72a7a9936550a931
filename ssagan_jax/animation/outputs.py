"""The files of a clip: where it goes, and what is written beside it."""

import contextlib
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssagan_jax.animation import progress, small_gifs
from ssagan_jax.animation.rendering import Animation
from ssagan_jax.io import paths, photo_files, video_files


@dataclass(frozen=True)
class Files:
    """What is written beside OUT, and how.

    Attributes:
      fps: frames per second.
      gif: also OUT.gif, as ``small_gifs`` are.
      save_frames: also the frames, as they are, in OUT_frames/00000.png and so on.
      save_mask: also what moves, white, in OUT_mask.png.
      overwrite: what is there may be replaced.
    """

    fps: int | float = video_files.FPS
    gif: bool = False
    save_frames: bool = False
    save_mask: bool = False
    overwrite: bool = False


def destinations(photos: Sequence[str | os.PathLike], output: str | os.PathLike) -> list[Path]:
    """Where the clip of each photo goes; arguments as ``files.animate_files``.

    Raises:
      ValueError: one file for several photos, or the photo itself.
    """
    target = paths.on_disk(output, "--output")
    if _is_folder(output):
        return _names_in(target, [Path(photo).stem for photo in photos])
    if len(photos) > 1:
        raise ValueError(
            f"{len(photos)} photos do not fit into {target}, expected a folder: "
            f"for example {target.with_suffix('')}{os.sep}"
        )
    if target.exists() and os.path.exists(photos[0]) and target.samefile(photos[0]):
        raise ValueError(f"{target} is the photo itself, and would be overwritten.")
    return [target]


def check_outputs(target: Path, files: Files) -> None:
    """Raises ValueError or OSError if a clip, or its GIF, cannot be written to where it goes."""
    video_files.check_output(target, fps=files.fps)
    if files.gif:
        video_files.check_output(_gif(target), fps=files.fps)


def paths_of(target: Path, files: Files) -> list[Path]:
    """The clip itself, and what is written beside it."""
    wanted = {_gif: files.gif, _folder: files.save_frames, _mask: files.save_mask}
    return [target, *(name(target) for name, want in wanted.items() if want)]


def write_clip(clip: Animation, target: Path, files: Files, *, small: bool) -> None:
    """Computes a clip and writes what ``files`` says, frame by frame; shows how far it is.

    Args:
      small: whether a GIF at ``target`` has to be one of ``small_gifs``.
    """
    # The video is the last to be there: where it is, all is.
    with contextlib.ExitStack() as stack:
        is_small = small and target.suffix.lower() == ".gif"
        wanted = {target: small_gifs.writer if is_small else video_files.writer}
        if files.gif:
            wanted[_gif(target)] = small_gifs.writer
        adds = [stack.enter_context(make(path, fps=files.fps)) for path, make in wanted.items()]
        if files.save_frames:
            adds.append(stack.enter_context(_replacing_frames(_folder(target))))
        for frame in progress.shown(clip, len(clip), target.name):
            for add in adds:
                add(frame)
        if files.save_mask:
            photo_files.write_image(_mask(target), np.dstack([clip.mask] * 3))


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


def _gif(target: Path) -> Path:
    return target.with_suffix(".gif")


def _folder(target: Path) -> Path:
    return target.with_name(f"{target.stem}_frames")


def _mask(target: Path) -> Path:
    return target.with_name(f"{target.stem}_mask.png")


@contextlib.contextmanager
def _replacing_frames(folder: Path) -> Iterator[Callable[[np.ndarray], None]]:
    """A function that writes frame after frame; at the end they are there, those before gone."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as partial:

        def save(frame: np.ndarray) -> None:
            photo_files.write_image(Path(partial) / f"{next(numbers):05d}.png", frame)

        yield save
        folder.mkdir(exist_ok=True)
        for old in folder.glob("[0-9]" * 5 + ".png"):
            old.unlink()
        for frame in Path(partial).iterdir():
            frame.replace(folder / frame.name)
