"""Makes a study: reads clips, draws trials, writes a film of each.

A film holds the two clips of a trial side by side. So they run in step on any browser, and neither
the address nor the size of a file belongs to one of them.
"""

import hashlib
import secrets
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from ssagan_jax.io import encoders, video_files
from ssagan_jax.io.media_files import printable
from ssagan_jax.reproduce.study import design
from ssagan_jax.reproduce.study.design import NOISE, REAL, Trial
from ssagan_jax.reproduce.study.folder import CLIPS, KEY, Study, write_study
from ssagan_jax.reproduce.study.sources import Source, open_source

_BLOCK = 16  # pixels: of H.264; also the gap, so that no clip's blocks touch the other's
_CRF = 4  # fine: at 18, what is lost is more of real clips than of generated ones
_GREY = 128
_TAKEN = (REAL, NOISE, "left", "right")  # as names of systems
_GRAIN = 8  # pixels: of the squares that noise is made of
Clip = UInt8[np.ndarray, "t h w 3"]


class _Reader:
    """Reads clips by system and name, all of one shape, and keeps their digests."""

    def __init__(self, sources: Mapping[str, Source]):
        self._sources = sources
        self.names = {system: _index(source) for system, source in sources.items()}
        self.digests: dict[str, dict[str, str]] = {system: {} for system in sources}
        self._first: tuple[tuple[int, ...], str] | None = None

    def read(self, system: str, name: str) -> Clip:
        item = self._sources[system][self.names[system][name]]
        clip, where = item["clip"], item["video"]
        shape, first = self._first = self._first or (clip.shape, where)
        if clip.shape != shape:
            raise ValueError(
                f"Clips differ in length or size: {_told(shape)} in {first}, {_told(clip.shape)} "
                f"in {where}. Raters would tell them by that: make all clips alike."
            )
        self.digests[system][name] = hashlib.sha256(clip.tobytes()).hexdigest()
        return clip

    def describe(self) -> dict[str, dict[str, Any]]:
        """Where each system's clips come from."""
        return {system: source.describe() for system, source in self._sources.items()}


def make_study(
    sources: Mapping[str, str],
    output: Path,
    *,
    pairs: int,
    seed: int,
    fps: int | float = video_files.FPS,
) -> Study:
    """Makes a study in a new folder.

    Args:
      sources: by system, where its clips are, as ``open_source`` takes it; the system ``real``
        are real clips. Clips of one name, whatever the ending, are compared.
      output: the folder; it must not hold a study.
      pairs: of each two systems.
      seed: of all draws.
      fps: of the films, frames per second.

    Raises:
      FileExistsError: if there is a study already.
      FileNotFoundError: if there are no clips.
      ValueError: if there are too few clips of the same name, or clips differ in length or size.
      OSError: if the study cannot be written.
    """
    if (output / KEY).exists() or (output / CLIPS).exists():
        raise FileExistsError(f"{output} holds a study already. Choose another folder.")
    reader = _Reader({x: open_source(path, real=x == REAL) for x, path in sources.items()})
    names = [secrets.token_hex(8) for _ in range(design.count_trials(len(sources), pairs))]
    trials = design.draw_trials(reader.names, count=pairs, seed=seed, names=names)
    _, height, width, _ = _write_films(output / CLIPS, trials, reader, seed=seed, fps=fps)
    study = Study(
        name=secrets.token_hex(8),
        seed=seed,
        systems=tuple(sources),
        sources=reader.describe(),
        fps=fps,
        height=height,
        width=width,
        second=right_half(width),
        trials=tuple(trials),
        clips=reader.digests,
    )
    write_study(output, study)
    return study


def name_systems(a: str, b: str, names: tuple[str, ...] = ()) -> tuple[str, str]:
    """What two systems are called: as given, else as their folders or files are.

    Raises:
      ValueError: if there are not two names, or they do not tell the systems apart.
    """
    if len(names) not in (0, 2):
        raise ValueError(f"--names={','.join(names)} is {len(names)} names; expected two: A,B.")
    first, second = names or (printable(Path(x).resolve().stem) for x in (a, b))
    if first == second:
        raise ValueError(f"Both systems are called {first}. Tell them apart: --names=A,B.")
    for name in (first, second):
        if name.lower() in _TAKEN:
            raise ValueError(
                f"A system cannot be called {name}: {', '.join(_TAKEN)} mean other things. Give "
                "other names: --names=A,B."
            )
    return first, second


def _index(source: Source) -> dict[str, int]:
    """Where each clip is, by its name without the ending."""
    names = [printable(Path(name).stem) for name in source.names]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise ValueError(f"{source.path} has two clips called {twice[0]}. Rename one.")
    return {name: index for index, name in enumerate(names)}


def _told(shape: tuple[int, ...]) -> str:
    frames, height, width, _ = shape
    return f"{frames} frames of {width} x {height} pixels"


def _write_films(
    folder: Path, trials: Sequence[Trial], reader: _Reader, *, seed: int, fps: int | float
) -> tuple[int, ...]:
    """Writes the film of each trial, all or none; returns the shape of the clips."""
    try:
        for trial in trials:
            left, right = _film(trial, reader, seed)
            _write_film(folder / f"{trial.name}.mp4", join(left, right), fps)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return left.shape


def _write_film(path: Path, film: Clip, fps: int | float) -> None:
    video_files.check_output(path, fps=fps)
    size = film.shape[1], film.shape[2]
    rate = Fraction(fps).limit_denominator(1001)
    with encoders.mp4(path, size, rate, crf=_CRF) as add:
        for frame in film:
            add(frame)


def _film(trial: Trial, reader: _Reader, seed: int) -> tuple[Clip, Clip]:
    """The two clips of a trial."""
    found = {x: reader.read(x, trial.pair) for x in trial.halves if x != NOISE}
    if NOISE in trial.halves:
        [clip] = found.values()
        found[NOISE] = draw_noise(clip.shape, np.random.default_rng([seed, int(trial.name, 16)]))
    left, right = trial.halves
    return found[left], found[right]


def draw_noise(shape: tuple[int, ...], random: np.random.Generator) -> Clip:
    """A clip of squares in random colours, new ones in each frame.

    Args:
      shape: of the clip, ``(t, h, w, 3)``.
      random: where the colours come from.
    """
    frames, height, width, channels = shape
    rows, columns = -(-height // _GRAIN), -(-width // _GRAIN)
    coarse = random.integers(256, size=(frames, rows, columns, channels), dtype=np.uint8)
    return coarse.repeat(_GRAIN, axis=1).repeat(_GRAIN, axis=2)[:, :height, :width]


def join(left: Clip, right: Clip) -> UInt8[np.ndarray, "t rows columns 3"]:
    """Two clips of one shape side by side, with a grey gap; the right begins at ``right_half``.

    Each is stretched over its last row and column to whole blocks of H.264.
    """
    _, height, width, _ = left.shape
    edges = ((0, 0), (0, -height % _BLOCK), (0, -width % _BLOCK), (0, 0))
    left, right = (np.pad(clip, edges, "edge") for clip in (left, right))
    gap = np.full_like(left[:, :, :_BLOCK], _GREY)
    return np.concatenate([left, gap, right], axis=2)


def right_half(width: int) -> int:
    """Where the right clip of a film begins, pixels from the left, of clips so wide."""
    return width + -width % _BLOCK + _BLOCK
