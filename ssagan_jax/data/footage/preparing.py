"""Footage of one's own: what of each file is kept, and the shots that come of it.

Every file is looked at once, small, before anything is written; the kept stretches are then read
as shots of their own, of the same source video, so that splits never part them.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.building.video_frames import VideoOptions, all_or_nothing, jpeg
from ssagan_jax.data.footage import measuring
from ssagan_jax.data.footage.fates import Footage, clock, fates_of
from ssagan_jax.data.footage.measuring import Look
from ssagan_jax.data.footage.page import page
from ssagan_jax.data.footage.stretches import Steps, Stretch, find_stretches
from ssagan_jax.io import video_reading, video_times
from ssagan_jax.io.atomic import check_writable, replacing
from ssagan_jax.io.video_reading import UnreadableVideo
from ssagan_jax.io.video_times import TimedFrame

_THUMB = 90  # pixels, the short side


def prepared(
    videos: Mapping[str, tuple[Path, str]],
    options: VideoOptions,
    steps: Steps,
    *,
    preview: str | None = None,
) -> list[Shot | Skipped]:
    """The shots of videos, and the fate of all that is not among them.

    Args:
      videos: path and split of each, by name.
      options: how they are read.
      steps: what is done to them.
      preview: an HTML file to write about all of it.

    Raises:
      OSError: if the preview cannot be written.
    """
    if not videos:
        return []
    if preview is not None:
        check_writable(preview)
    seen = look_at([path for path, _ in videos.values()], options, steps)
    if preview is not None:
        with replacing(preview) as partial_file:
            partial_file.write_text(page(seen), encoding="utf-8")
    items: list[Shot | Skipped] = []
    for (name, (_, split)), footage in zip(videos.items(), seen, strict=True):
        items += fates_of(footage)
        items += shots_of(footage, video=name, split=split, options=options)
    return items


def look_at(paths: Sequence[Path], options: VideoOptions, steps: Steps) -> list[Footage]:
    """Looks at videos, several at a time; those that cannot be read have no stretches."""
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        found = pool.map(lambda path: look_at_one(path, options, steps), paths)
        return list(tqdm(found, desc="footage", unit="video", total=len(paths), disable=None))


def look_at_one(path: Path, options: VideoOptions, steps: Steps) -> Footage:
    """Looks at a video once, and finds its stretches."""
    footage, notes = Footage(path), list[str]()
    thumbs: dict[int, bytes] = {}
    try:
        looks = _looks(path, options, notes, thumbs, full=steps.crop_bars)
        film = measuring.measure(
            looks, motion=steps.cuts or steps.still_camera is not None, turns=steps.stabilise
        )
        footage.about = video_reading.describe(path)
        footage.stretches = find_stretches(film, steps)
    except UnreadableVideo as error:
        footage.said.append(Skipped(str(path), error.reason))
    except (OSError, ArithmeticError, MemoryError) as error:  # of a hostile header
        footage.said.append(Skipped(str(path), f"unreadable: {error}"))
    footage.pictures = [_pictures(stretch, thumbs) for stretch in footage.stretches]
    footage.said += [
        Skipped(str(path), note.removeprefix(f"{path} ").rstrip("."), kept=True) for note in notes
    ]
    return footage


def shots_of(footage: Footage, *, video: str, split: str, options: VideoOptions) -> list[Shot]:
    """The kept stretches as shots of the source ``video``."""
    return [
        Shot(
            id=video if len(footage.stretches) == 1 else f"{video}@{clock(stretch.start)}",
            video=video,
            split=split,
            frames=partial(stretch_frames, footage.path, options, stretch),
        )
        for stretch in footage.stretches
        if stretch.kept
    ]


def stretch_frames(
    path: Path, options: VideoOptions, stretch: Stretch
) -> Iterator[bytes | Skipped]:
    """The frames of a stretch as JPEGs: cropped, without those that come twice."""
    try:
        yield from all_or_nothing(_stretch_jpegs(path, options, stretch))
    except UnreadableVideo as error:
        yield Skipped(str(path), error.reason)


def _stretch_jpegs(path: Path, options: VideoOptions, stretch: Stretch) -> Iterator[bytes]:
    frames = _timed(path, options, since=stretch.since, first=stretch.start)
    for number, frame in enumerate(itertools.islice(frames, stretch.frames)):
        if number not in stretch.twice:
            yield jpeg(_seen(frame.rgb(hdr=options.hdr), number, stretch), options.max_size)


def _seen(pixels: np.ndarray, number: int, stretch: Stretch) -> np.ndarray:
    """A frame of a stretch without bars, or held still."""
    if stretch.steady is None:
        return stretch.box.of(pixels) if stretch.box else pixels
    common = stretch.steady.box(*pixels.shape[:2])
    held = stretch.steady.frame(number, pixels)
    return common.of(held) if common else held


def _timed(
    path: Path,
    options: VideoOptions,
    *,
    since: float | None = None,
    first: float | None = None,
    notes: list[str] | None = None,
) -> Iterator[TimedFrame]:
    """The frames as they are stored, from a time stamp on; resampled where that is asked for."""
    note = None if notes is None else notes.append
    frames = video_reading.read_timed(
        path, hdr=options.hdr, keep_damaged=options.keep_damaged, start=since, note=note
    )
    if options.fps is None:
        return video_reading.with_uneven_noted(frames, path, note)
    return video_times.resample(frames, options.fps, first)


def _looks(
    path: Path, options: VideoOptions, notes: list[str], thumbs: dict[int, bytes], *, full: bool
) -> Iterator[Look]:
    first = 0.0
    for number, frame in enumerate(_timed(path, options, notes=notes)):
        if number == 0:
            first = frame.time
        start, shown = frame.time, frame.duration
        if options.fps is not None:
            start, shown = first + number / options.fps, 1 / options.fps
        size = measuring.small_size(frame.frame.height, frame.frame.width)
        small, whole = frame.rgb(hdr=options.hdr, size=size), None
        if measuring.wants_full(number):
            thumbs[number] = jpeg(small, _THUMB)
            whole = frame.rgb(hdr=options.hdr) if full else None
        yield Look(start, start + shown, frame.time, small, whole)


def _pictures(stretch: Stretch, thumbs: dict[int, bytes]) -> list[bytes]:
    """The first, middle and last frame of those that there are pictures of."""
    inside = [n for n in thumbs if stretch.first <= n < stretch.first + stretch.frames]
    if not inside:  # a short one: the nearest before or after it
        inside = [min(thumbs, key=lambda number: abs(number - stretch.first))] if thumbs else []
    chosen = sorted({inside[0], inside[len(inside) // 2], inside[-1]}) if inside else []
    return [thumbs[number] for number in chosen]
