"""Is one row of a table better than another? Differences with paired bootstrap intervals.

All rows of a protocol are scored on the same clips, so what one clip is harder than another falls
out of the difference: its interval is narrower than the rows' own, which may overlap and the rows
still differ. Source videos are drawn anew as for the rows (Efron 1979), and with several seeds also
the seeds, the same ones of both rows: the seed decides the order of the data in both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ssagan_jax.evaluation.clip_table import OF, ClipScores, find_clip_table, read_clip_scores
from ssagan_jax.metrics.bootstrap import LEVEL, RESAMPLES, SEED, resample_videos
from ssagan_jax.reproduce.columns import METRICS
from ssagan_jax.reproduce.gather import Gathered
from ssagan_jax.viz.tables import Table, Value

# Columns of the table, by their names in ``columns.METRICS``, and the clips' own scores of each.
COLUMNS = {
    "standard_mse": "standard_mse",
    "standard_psnr": "standard_psnr",
    "author_psnr_clip": "author_psnr_clip",
    "standard_ssim": "standard_ssim",
    "lpips": "lpips_alex",
    "energy_ratio": "energy_ratio",
    "flow_ratio": "flow_ratio",
    "unexplained_change": "unexplained_change",
}
STILL = "still"
NONE = "-"


@dataclass(frozen=True)
class Scored:
    """The clips' scores of a row of a table: one entry a seed."""

    name: str
    label: str
    of: str  # the row whose runs it shows; empty: its own
    row: str  # of its results
    seeds: dict[int | None, ClipScores]


def tabulate_differences(gathered: Sequence[Gathered]) -> Table | None:
    """Each row minus the table's first one that was run, and minus the still picture.

    A row that shows another one's runs otherwise is compared with that one. Means are over the
    seeds that both have. None if no row has the scores of its clips.

    Raises:
      ValueError: if a file of them is damaged.
    """
    rows = [found for x in gathered if (found := _read(x)) is not None]
    if not rows:
        return None
    named = {row.name: row for row in rows}
    controls = [named.get(row.of, rows[0]) for row in rows]
    lines = [
        _line(row, control, control.row, control.label)
        for row, control in zip(rows[1:], controls[1:], strict=True)
    ]
    lines += [_line(row, row, STILL, "still picture") for row in rows]
    known = {key for line in lines for key, cell in line.items() if cell != NONE}
    columns = {"label": "row", "minus": "minus", "seeds": "seeds"}
    columns |= {key: METRICS[key][2] for key in COLUMNS if key in known}
    return Table(columns, lines)


def _read(found: Gathered) -> Scored | None:
    """None if not every run has the scores of its clips, as those of earlier versions."""
    shown = found.row.shows or "prediction"
    paths = {run.seed: find_clip_table(run.path) for run in found.runs}
    if not paths or not all(path.exists() for path in paths.values()):
        return None
    scores = {seed: read_clip_scores(path) for seed, path in paths.items()}
    if not all({shown, STILL} <= each.rows.keys() for each in scores.values()):
        return None
    return Scored(found.row.name, found.row.label, found.row.run, shown, scores)


def _line(of: Scored, control: Scored, control_row: str, name: str) -> dict[str, str | Value]:
    seeds = sorted(of.seeds.keys() & control.seeds.keys(), key=lambda seed: seed or 0)
    pairs = [(of.seeds[seed], control.seeds[seed]) for seed in seeds]
    same = [a for a, b in pairs if a.videos == b.videos]
    line: dict[str, str | Value] = {"label": of.label, "minus": name, "seeds": str(len(seeds))}
    for key, metric in COLUMNS.items():
        there = all(metric in a.rows[of.row] and metric in b.rows[control_row] for a, b in pairs)
        if len(same) < len(pairs) or not pairs or not there:
            line[key] = NONE
            continue
        ours = [_parts(a, of.row, metric) for a, _ in pairs]
        theirs = [_parts(b, control_row, metric) for _, b in pairs]
        line[key] = _difference(ours, theirs, pairs[0][0].videos, digits=METRICS[key][3])
    return line


def _parts(scores: ClipScores, row: str, metric: str) -> Float[np.ndarray, "2 n"]:
    """A mean as the sum of the first over the sum of the second; 0 and 0 where it is not finite."""
    values = scores.rows[row][metric]
    below = scores.rows[row].get(metric + OF, np.isfinite(values).astype(float))
    return np.stack([np.nan_to_num(values), below])


def _difference(
    ours: Sequence[Float[np.ndarray, "2 n"]],
    theirs: Sequence[Float[np.ndarray, "2 n"]],
    videos: Sequence[str],
    *,
    digits: int,
) -> Value | str:
    """The mean difference over seeds, with its interval."""
    resampling = resample_videos(videos)
    drawn = resampling.counts[:, resampling.video_of].astype(float)  # how often each clip
    seeds = np.random.default_rng(SEED).multinomial(
        len(ours), np.full(len(ours), 1 / len(ours)), size=RESAMPLES
    )
    every = np.ones((1, len(videos)))
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = _each_seed(ours, every) - _each_seed(theirs, every)
        resampled = _each_seed(ours, drawn) - _each_seed(theirs, drawn)
    mean = float(whole.mean())
    draws = (resampled * seeds).sum(axis=1) / len(ours)
    draws = draws[np.isfinite(draws)]
    if not np.isfinite(mean):
        return NONE
    if resampling.counts.shape[1] < 2 or not len(draws):
        return Value(mean, digits=digits)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Value(mean, float(low), float(high), max(digits, _digits(float(high - low))))


def _digits(width: float) -> int:
    """After the point, so that two digits of an interval's width are seen; six at most."""
    return min(6, 1 - math.floor(math.log10(width))) if width > 1e-6 else 0


def _each_seed(
    parts: Sequence[Float[np.ndarray, "2 n"]], drawn: Float[np.ndarray, "r n"]
) -> Float[np.ndarray, "r seeds"]:
    """The ratio of each seed in each resample."""
    return np.stack([(drawn @ above) / (drawn @ below) for above, below in parts], axis=1)
