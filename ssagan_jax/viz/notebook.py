"""What the notebooks share: a check of the machine, and clips, pictures and tables on the page.

Needs IPython, which every notebook brings; nothing else of the package imports it.
"""

import io
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import UInt8
from ml_collections import ConfigDict
from packaging.requirements import Requirement
from PIL import Image

from ssagan_jax import data
from ssagan_jax.config import loading
from ssagan_jax.distributed.jax_setup import set_up_jax
from ssagan_jax.io import photo_files, video_files
from ssagan_jax.viz import html_page
from ssagan_jax.viz.contact_sheet import contact_sheet
from ssagan_jax.viz.tables import Table, Value

STEPS = "SSAGAN_NOTEBOOK_STEPS"  # environment variable: at most so many steps of each training
UPLOAD = "upload"
SHOWN = ("ssagan_jax", "jax", "jaxlib", "flax", "numpy", "av")
GPU_ON_COLAB = "Runtime > Change runtime type > T4 GPU, then Runtime > Run all"
GPU_ELSEWHERE = "install JAX for yours: https://docs.jax.dev/en/latest/installation.html"


class NotReady(RuntimeError):
    """The notebook cannot go on; a notebook shows its words without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints of it."""
        return [f"STOPPED: {self}"]


def check(*, accelerator: bool = False) -> None:
    """Prints versions and devices, and prepares JAX as the command line does.

    Args:
      accelerator: what follows would take hours or days on a CPU.

    Raises:
      NotReady: if a package that is needed is missing or too old, or if there is no accelerator;
        says what to do.
    """
    if unmet := _unmet(metadata.requires("ssagan_jax") or ()):
        raise NotReady(
            f"{', '.join(unmet)}. Run the install cell; if it says that all is there, "
            'pip install --upgrade "jax>=0.10" flax and start the notebook anew (Colab: Runtime > '
            "Restart session)."
        )
    set_up_jax()
    versions = (f"{name} {metadata.version(name)}" for name in SHOWN)
    print(f"Python {platform.python_version()}, {', '.join(versions)}")
    print("Devices:", ", ".join(f"{x.device_kind} ({x.platform})" for x in jax.devices()))
    if jax.default_backend() != "cpu":
        return
    how = GPU_ON_COLAB if on_colab() else GPU_ELSEWHERE
    if accelerator:
        raise NotReady(
            f"This needs a GPU or TPU, and JAX sees a CPU only. For a GPU: {how}. Or set "
            "FULL = False, which takes minutes on a CPU."
        )
    print(f"On a CPU this notebook takes minutes. For a GPU: {how}.")


def on_colab() -> bool:
    """Whether this is Google Colab."""
    return "COLAB_RELEASE_TAG" in os.environ


def steps(wanted: int) -> int:
    """How many steps to train for: ``wanted``, or fewer if the environment says so.

    Raises:
      ValueError: if ``SSAGAN_NOTEBOOK_STEPS`` is no number above 0.
    """
    text = os.environ.get(STEPS, "")
    if not text:
        return wanted
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f'{STEPS} is "{text}"; expected a number of steps, 1 or more.')
    return min(wanted, int(text))


def photo(choice: str = "", *, size: int = 256) -> photo_files.Photo:
    """The photo to animate, uint8 RGB [H, W, 3].

    Args:
      choice: the path of a photo; ``"upload"``: asks for one, on Colab; empty: a painted
        landscape of the synthetic test split.
      size: height and width of the painted one, in pixels.

    Raises:
      FileNotFoundError, ValueError: as ``photo_files.read_photo``; ``"upload"`` elsewhere than on
        Colab, or when nothing was chosen there.
    """
    if not choice:
        return painted_clips(2, size=size, frames=1)[1, 0]
    return photo_files.read_photo(_uploaded() if choice == UPLOAD else choice)


def load_config(name: str, overrides: Mapping[str, Any]) -> ConfigDict:
    """The configuration of that name, with some keys set: ``{"optimizer.name": "sgd"}``.

    Raises:
      FileNotFoundError: if there is no such configuration.
      ValueError: for an unknown key, or a value of another type.
    """
    options = [f"--config.{key}={value}" for key, value in overrides.items()]
    return loading.load(name, options)


def painted_clips(count: int, *, size: int, frames: int) -> UInt8[np.ndarray, "n t s s 3"]:
    """The first painted clips of the synthetic test split, uint8 [N, T, S, S, 3]."""
    source = data.source("synthetic", split="test", size=size, frames=frames)
    return np.stack([source[index]["clip"] for index in range(count)])


def show_clips(
    clips: Mapping[str, np.ndarray], *, fps: int | float = video_files.FPS, width: int = 256
) -> object:
    """Clips side by side, as looping mp4 videos within the page.

    Args:
      clips: caption -> uint8 [T, H, W, 3], H and W even.
      fps: frames per second.
      width: of each, in pixels of the page.

    Returns:
      An ``IPython.display.HTML``.
    """
    from IPython.display import HTML

    with tempfile.TemporaryDirectory() as folder:
        shown = []
        for number, (caption, clip) in enumerate(clips.items()):
            path = video_files.write_video(Path(folder) / f"{number}.mp4", clip, fps=fps)
            shown.append(html_page.media(path, caption, width=width))
    return HTML(f'<div style="display: flex; flex-wrap: wrap">{"".join(shown)}</div>')


def show_moving(
    clip: UInt8[np.ndarray, "t h w 3"],
    *,
    width: int = 256,
    colours: int = 64,
    fps: int | float = 12.5,
) -> object:
    """A clip as a looping GIF, an ``IPython.display.Image`` of at most ``width`` pixels.

    Every second frame, in few colours: small enough to be stored in a notebook.

    Args:
      clip: of any size; it is reduced.
      width: of the picture.
      colours: of its palette, which all frames share.
      fps: frames shown in a second.
    """
    from IPython.display import Image as Shown

    height = round(width * clip.shape[1] / clip.shape[2])
    frames = [Image.fromarray(frame).resize((width, height)) for frame in clip[::2]]
    palette = frames[0].quantize(colours)
    first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=1000 / fps, loop=0)
    return Shown(data=buffer.getvalue(), format="gif")


def show_picture(picture: str | os.PathLike | np.ndarray, *, width: int | None = None) -> object:
    """A PNG file, or uint8 RGB [H, W, 3], as an ``IPython.display.Image`` so many pixels wide."""
    from IPython.display import Image as Shown

    if not isinstance(picture, np.ndarray):
        return Shown(data=Path(picture).read_bytes(), format="png", width=width)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return Shown(data=buffer.getvalue(), format="png", width=width)


def show_frames(clips: Mapping[str, np.ndarray], *, columns: int = 6) -> object:
    """Some frames of clips below each other, as a picture.

    Args:
      clips: caption -> uint8 [T, H, W, 3], or a photo, uint8 [H, W, 3].
      columns: how many frames of each, evenly spaced.

    Returns:
      An ``IPython.display.Image``.
    """
    return show_picture(contact_sheet(clips, columns=columns))


def show_table(table: Table, columns: Sequence[str] = ()) -> object:
    """A table, with the interval of a number below it, as an ``IPython.display.HTML``.

    Args:
      table: what is shown.
      columns: keys of those to show; empty: all.
    """
    from IPython.display import HTML

    keys = columns or list(table.columns)
    rows = [[_cell(line[key]) for key in keys] for line in table.lines]
    return HTML(html_page.table([table.columns[key] for key in keys], rows))


def _cell(cell: str | Value) -> str | tuple[str, str]:
    if isinstance(cell, str):
        return cell
    number, _, interval = str(cell).partition(" ")
    return number, interval.strip("()")


def _unmet(requirements: Sequence[str]) -> list[str]:
    """Of requirements as setup.py has them, those that this environment does not meet."""
    unmet = []
    for requirement in map(Requirement, requirements):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            unmet.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            unmet.append(f"{requirement.name} is {found}, needed is {requirement.specifier}")
    return unmet


def _uploaded() -> Path:
    """The file that somebody chooses in Colab's upload widget."""
    if not on_colab():
        raise ValueError(
            f'"{UPLOAD}" asks for a photo on Colab only. Give the path of a photo instead.'
        )
    from google.colab import files

    chosen = files.upload()  # also written into the current folder, by these names
    if not chosen:
        raise ValueError("No photo was chosen. Run the cell again, or give the path of a photo.")
    return Path(next(iter(chosen)))
