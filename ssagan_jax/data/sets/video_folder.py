"""Any folder of videos: mp4, mov, webm and the like, and folders of frames.

With ``train`` and ``test`` in the folder these are the splits; otherwise a seeded hash of the
file's path sends about 10 % of the videos to "test". Videos are decoded once: the short side is
scaled down to ``max_size`` (never up), frames are stored as JPEG at quality 95 without chroma
subsampling. Every file is taken as one shot: cut footage with scene changes beforehand.
"""

from functools import partial
from pathlib import Path

from ssagan_jax.data.building import files, frames
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.building.sources import find_footage
from ssagan_jax.data.building.video_frames import VideoOptions, video_frames
from ssagan_jax.data.footage.preparing import prepared
from ssagan_jax.data.footage.stretches import STILL, Steps
from ssagan_jax.data.windows import WindowSource

_EXPECTED = "a folder with videos (.mp4, .mov, .webm, .gif, ...) or folders of frames"


source = partial(WindowSource, "video_folder")  # options and errors as in data.source


def list_shots(
    source: str,
    *,
    max_size: int = 256,
    seed: int = 0,
    fps: float | None = None,
    hdr: str = "refuse",
    keep_damaged: bool = False,
    prepare: bool = False,
    cuts: bool = False,
    drop_frozen: bool = False,
    crop_bars: bool = False,
    still_camera: float | None = None,
    stabilise: bool = False,
    preview: str | None = None,
) -> list[Shot | Skipped]:
    """The videos and folders of frames, and files of other kinds.

    Args:
      source: the folder with videos or folders of frames, at any depth.
      max_size: short side of the stored frames, in pixels.
      seed: of the split.
      fps: frames per second that videos are resampled to, by their time stamps; None: as they are.
      hdr: what becomes of HDR videos: "refuse" leaves them out, "tonemap" maps them to SDR,
        "as_is" takes their numbers as they are.
      keep_damaged: takes what is whole of a damaged or incomplete video.
      prepare: does the next four with videos, the last one with its usual limit.
      cuts: cuts videos where scenes change.
      drop_frozen: drops what is black, empty or frozen, and frames that come twice.
      crop_bars: crops black bars.
      still_camera: keeps stretches in which the camera moves by less than this share of the width
        over 32 frames.
      stabilise: holds still, and keeps, what of that shakes a little.
      preview: an HTML file to write: what is kept of the videos, what is not, and why.

    Raises:
      FileNotFoundError: if ``source`` does not exist.
      ValueError: if there is nothing to read, or ``max_size`` is not positive.
    """
    if max_size < 1:
        raise ValueError(f"max_size is {max_size}; expected a number of pixels of at least 1.")
    options = VideoOptions(max_size, fps, hdr, keep_damaged)
    if still_camera is None and (prepare or stabilise):
        still_camera = STILL
    steps = Steps(
        cuts=cuts or prepare,
        drop_frozen=drop_frozen or prepare,
        crop_bars=crop_bars or prepare,
        still_camera=still_camera,
        stabilise=stabilise,
    )
    folder = files.source_folder(source, expected=_EXPECTED)
    found, notes = find_footage(folder, seed=seed, expected=_EXPECTED)
    items: list[Shot | Skipped] = [*notes]
    videos: dict[str, tuple[Path, str]] = {}
    for name, item in found.items():
        if item.frames:
            reader = partial(frames.read_frames, item.frames, max_size=max_size)
        elif steps.any or preview:
            videos[name] = item.path, item.split
            continue
        else:
            reader = partial(video_frames, item.path, options)
        items.append(Shot(name, name, item.split, reader))
    return items + prepared(videos, options, steps, preview=preview)
