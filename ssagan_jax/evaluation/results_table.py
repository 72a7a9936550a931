"""Results as a table of text, and what must be said beside the numbers."""

from collections.abc import Mapping
from typing import Any

from ssagan_jax.evaluation.hints import label_rows
from ssagan_jax.evaluation.results import Results, list_groups
from ssagan_jax.metrics.pretrained.scoring import format_few_clips_warning

COLUMN = 14  # characters, or what the longest cell and a space take
# What a row has of a score besides its value -> the label of the line with it.
MARGINS = {"interval": "  95 %", "quartiles": "  quartiles"}
STILL_CLIPS = "Real clips that stand still have no energy ratio of their own; left out: {}."


def format_results(results: Results) -> str:
    """The rows of one result as text: a block per convention, for motion, and for the rest.

    Below each row stand the intervals of its means and quartiles, where there are any.
    """
    rows = rename_rows(results)
    groups = list_groups(rows.values())
    width = max(len(word) for word in [*rows, *groups])
    blocks = [_format_group(group, rows, width=width) for group in groups]
    notes = list_notes(rows, results["protocol"].get("perceptual", {}))
    return "\n\n".join([*blocks, *notes])


def rename_rows(results: Results) -> dict[str, Mapping[str, Any]]:
    """The rows of a result by what people call them, and what the real clips have, if it says."""
    labels = label_rows(results["protocol"])
    rows = {labels.get(name, name): row for name, row in results["rows"].items()}
    return rows | ({"real clips": results["real"]} if "real" in results else {})


def list_draws(results: Results) -> dict[str, Mapping[str, Any]]:
    """The first clip of each photo, the mean over draws and the best of K; none without draws."""
    found = results.get("draws")
    if not found:
        return {}
    drawn = "winds" if "winds" in results["protocol"] else "clips"
    labels = {
        "first": "first draw",
        "mean": f"{found['count']} {drawn} drawn: mean",  # earlier versions have none
        "best": f"best of {found['count']}",
    }
    return {label: found[key] for key, label in labels.items() if key in found}


def format_draws(results: Results) -> str:
    """What ``list_draws`` lists as text: a block per group."""
    rows = list_draws(results)
    width = max(12, *map(len, rows))
    return "\n\n".join(_format_group(key, rows, width=width) for key in list_groups(rows.values()))


def list_notes(rows: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Any]) -> list[str]:
    """What was left out of the means, if anything was, and of what there was too little.

    Args:
      rows: of a result.
      asked: its protocol's ``perceptual``.
    """
    left_out = [
        f"{label} {group} {name} {count}"
        for label, row in rows.items()
        for group, counts in row.get("left_out", {}).items()
        if group != "motion"
        for name, count in counts.items()
        if count
    ]
    notes = [f"Infinite values left out: {', '.join(left_out)}."] if left_out else []
    motion = [row.get("left_out", {}).get("motion", {}) for row in rows.values()]
    if still := max((count for counts in motion for count in counts.values()), default=0):
        notes.append(STILL_CLIPS.format(still))
    return notes + list_few_clips_warnings(asked)


def list_few_clips_warnings(asked: Mapping[str, Any]) -> list[str]:
    """Warnings of the pretrained metrics that had fewer clips than they need.

    Args:
      asked: a protocol's ``perceptual``.
    """
    return [
        format_few_clips_warning(name, how["clips"], how["enough_clips"])
        for name, how in asked.items()
        if how.get("clips", 0) < how.get("enough_clips", 0)
    ]


def _format_group(group: str, rows: Mapping[str, Mapping[str, Any]], *, width: int) -> str:
    metrics = dict.fromkeys(name for row in rows.values() for name in row.get(group, {}))
    lines = [(group, list(metrics))]
    for label, row in rows.items():
        if not (scores := row.get(group)):
            continue
        lines.append((label, [_format_score(scores.get(name)) for name in metrics]))
        for kind, margin in MARGINS.items():
            ranges = row.get(kind, {}).get(group, {})
            if any(ranges.get(name) for name in metrics):
                lines.append((margin, [_format_interval(ranges.get(name)) for name in metrics]))
    column = max(COLUMN, 1 + max((len(cell) for _, cells in lines for cell in cells), default=0))
    return "\n".join(
        (f"{label:<{width}}" + "".join(f"{cell:>{column}}" for cell in cells)).rstrip()
        for label, cells in lines
    )


def _format_score(value: float | None) -> str:
    return "-" if value is None else format(value, ".4f")


def _format_interval(interval: list[float] | None) -> str:
    """``low..high``, with four digits or so: 0.0321, 9.871, 24.91, 350.2."""
    if interval is None:
        return ""
    largest = max(map(abs, interval))
    digits = max(0, 4 - len(str(int(largest)))) + (largest < 1)
    return "..".join(format(value, f".{digits}f") for value in interval)
