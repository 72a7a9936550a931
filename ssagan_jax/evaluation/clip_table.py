"""The scores of single clips, as a CSV file beside the results: to find the worst, or to compare.

A line for each clip of each row: ``row``, ``video`` (the file or folder it was cut from), and its
scores, by the names of metrics.jsonl (``standard_psnr``: the mean over its counted frames). Of
``energy_ratio`` and ``flow_ratio`` it has the clip's own energy or flow, and in ``energy_ratio_of``
and ``flow_ratio_of`` the real clip's: the ratio of a result divides the sum of one by the sum of
the other. An empty cell is a score that is not finite.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ssagan_jax.evaluation.source_scores import Scores
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath

OF = "_of"  # after the name of a ratio: what it is divided by


@dataclass(frozen=True)
class ClipScores:
    """What such a file holds.

    Attributes:
      videos: of the clips, in order, the same for every row.
      rows: ``{row: {metric: one number a clip, NaN where there is none}}``.
    """

    videos: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Float[np.ndarray, " n"]]]


def collect_clip_scores(found: Scores) -> ClipScores:
    """The scores of all clips of every row of a result."""
    names = (*found.predictions, "still")
    return ClipScores(found.videos, {name: found.list_clips(name) for name in names})


def find_clip_table(results: AnyPath) -> AnyPath:
    """Where the clips' scores are, given where the results are."""
    return results.with_name(f"{results.stem}_clips.csv")


def write_clip_scores(scores: ClipScores, path: AnyPath) -> None:
    """Writes the file; one that is there is replaced only when all is written.

    Raises:
      OSError: if ``path`` cannot be written.
    """
    metrics = list(next(iter(scores.rows.values())))
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "video", *metrics])
        for name, row in scores.rows.items():
            for number, video in enumerate(scores.videos):
                values = [float(row[metric][number]) for metric in metrics]
                cells = [f"{x:.9g}" if math.isfinite(x) else "" for x in values]
                writer.writerow([name, video, *cells])


def read_clip_scores(path: AnyPath) -> ClipScores:
    """Reads what ``write_clip_scores`` wrote.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: if it holds something else.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. ssagan evaluate writes such files.")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    rows: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        rows.setdefault(line.pop("row", ""), []).append(line)
    videos = {name: tuple(line.get("video", "") for line in row) for name, row in rows.items()}
    if not lines or "" in rows or len(set(videos.values())) > 1:
        raise ValueError(f"{path} holds no scores of clips: expected the file that evaluate wrote.")
    metrics = [key for key in lines[0] if key != "video"]
    return ClipScores(
        next(iter(videos.values())),
        {
            name: {metric: _numbers(row, metric, path) for metric in metrics}
            for name, row in rows.items()
        },
    )


def _numbers(lines: list[dict[str, str]], metric: str, path: AnyPath) -> Float[np.ndarray, " n"]:
    try:
        return np.array([float("nan" if line[metric] == "" else line[metric]) for line in lines])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {metric} has a cell that is no number, or none.") from error
