"""The table itself: the poster's numbers, ours and the still picture's, row by row."""

from collections.abc import Mapping, Sequence

from ssagan_jax.reproduce.columns import METRICS, average_metric, select_columns
from ssagan_jax.reproduce.gather import Gathered, find_protocol
from ssagan_jax.reproduce.tables import Row
from ssagan_jax.viz.tables import Cell, Table, Value

POSTER = {"mse": ("poster MSE", 4), "psnr": ("poster PSNR", 2), "ssim": ("poster SSIM", 4)}
NOT_RUN = "not run"
UNKNOWN = "unknown configuration"  # a row of the poster that nobody can train


def tabulate_scores(gathered: Sequence[Gathered], kinds: Mapping[str, Mapping]) -> Table:
    """One line for the still picture in each protocol and one for each row.

    Args:
      gathered: the table's rows, run or not.
      kinds: ``gather.name_protocols`` of them.
    """
    quotes = any(found.row.poster for found in gathered)
    columns = {"label": "row", "name": "folder", "protocol": "scored as", "clip": "clip"}
    columns |= {f"poster_{key}": heading for key, (heading, _) in POSTER.items() if quotes}
    scores = [row for found in gathered for row in found.scores()]
    columns |= {key: METRICS[key][2] for key in select_columns(scores)}
    lines = [_still(gathered, name, kinds) for name in kinds or (NOT_RUN,)]
    return Table(columns, lines + [_line(found, kinds) for found in gathered])


def _still(gathered: Sequence[Gathered], name: str, kinds: Mapping[str, Mapping]) -> dict:
    """The photo repeated: every run of a protocol has the same."""
    found = next((x for x in gathered if find_protocol(x, kinds) == name), None)
    return {
        "label": "still picture (control)",
        "name": "in every run",
        "protocol": name,
        "clip": format_clip_shape(found) if found else NOT_RUN,
        **_poster(Row("still", "")),
        **{
            key: average_metric(found.scores("still")[:1], key) if found else NOT_RUN
            for key in METRICS
        },
    }


def _line(found: Gathered, kinds: Mapping[str, Mapping]) -> dict[str, Cell]:
    missing = UNKNOWN if found.row.is_quote else NOT_RUN
    scores = found.scores()
    return {
        "label": found.row.label,
        "name": found.row.folder,
        "protocol": find_protocol(found, kinds) or missing,
        "clip": format_clip_shape(found) if found.runs else missing,
        **_poster(found.row),
        **{key: average_metric(scores, key) if found.runs else missing for key in METRICS},
    }


def _poster(row: Row) -> dict[str, Cell]:
    return {
        f"poster_{key}": Value(row.poster[key], digits=digits)
        if key in row.poster
        else "not on the poster"
        for key, (_, digits) in POSTER.items()
    }


def format_clip_shape(found: Gathered) -> str:
    """Frames and pixels of the scored clips: ``16 x 64 x 64``."""
    return " x ".join(str(n) for n in found.runs[0].results["protocol"]["clip"])
