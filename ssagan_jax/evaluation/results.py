"""Results as people meet them: a JSON file, a table in the terminal, a picture of curves.

A result is what ``ssagan_jax.evaluation.scoring`` returns::

    {"protocol": {...},
     "rows": {"prediction": {"author":   {"mse":, "psnr":, "psnr_clip":, "ssim":},
                             "standard": {...},
                             "motion":   {"energy_ratio":, "flow_ratio":, "static_share":},
                             "curves":   {"author": {"mse": [one per frame], ...}, ...},
                             "left_out": {"author": {"psnr": infinite values, ...}, ...},
                             "interval": {"author": {"mse": [low, high], ...}, ...,
                                          "motion": {...}}},
              "still": {...}}}

With metrics that were asked for by name (``evaluate --metrics=lpips_alex,fvd``) each row
also has ``"perceptual": {"lpips_alex":, "fvd":, ...}``, curves and intervals of the same
name where there are any (LPIPS has both, the distances of whole sets neither), and the
protocol says in ``"perceptual": {"lpips_alex": {...}, ...}`` how each was computed.

``interval`` is the 95 % bootstrap interval of each mean over source videos; the protocol's
``"interval"`` says how it was drawn. Files of earlier versions have none.

None stands for what is not defined (a mean over nothing but infinite values).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.metrics.pretrained.scoring import format_few_clips_warning

Results = Mapping[str, Any]

# Entries of the protocol that say what was scored, not how: they may differ in one table.
# The rows are of the first draw, however many there are besides; "interval" is how sure a mean
# is, not what it is.
SUBJECT = ("checkpoint", "predictions", "step", "draws", "interval")
# Two accounts of the same thing, the real clips. Files decoded elsewhere may differ by
# a grey level, and the same clips may be described in two ways: one match is enough.
SAME_CLIPS = {"data", "clips_sha256"}
# What a row holds besides scores for the table.
NOT_SCORES = ("curves", "left_out", "interval")
COLUMN = 14  # characters, or what the longest cell and a space take
MARGIN = "  95 %"  # label of the line with a row's intervals


def default_output(predictions: Path) -> Path:
    """Where the results of given predictions go: in their folder."""
    return (predictions if predictions.is_dir() else predictions.parent) / "results.json"


def write_results(results: Results, path: AnyPath) -> None:
    """Writes results as JSON; a file there is replaced only when all is written.

    Raises:
      OSError: if ``path`` cannot be written.
      ValueError: if a number is NaN or infinite, which JSON does not know.
    """
    text = json.dumps(results, indent=2, allow_nan=False)
    with replacing(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def read_results(path: AnyPath) -> dict[str, Any]:
    """Reads what ``write_results`` wrote.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: if it holds something else.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. ssagan evaluate writes such files.")
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        if {"protocol", "rows"} <= results.keys():
            return results
    except (ValueError, AttributeError):
        pass
    raise ValueError(f'{path} holds no results: expected a JSON object with "protocol" and "rows".')


def table(results: Results) -> str:
    """The rows of one result as text: a block per convention, for motion, and for the rest.

    Below each row stand the intervals of its means, where there are any.
    """
    return _blocks(results["rows"], results["protocol"].get("perceptual", {}))


def compare(named: Mapping[str, Results]) -> str:
    """The predictions of several results and the still picture in one table.

    A metric that only some of them were asked for is "-" in the others.

    Raises:
      ValueError: if their protocols differ in more than what was scored.
    """
    (first_name, first), *others = named.items()
    for name, results in others:
        check_same_protocol(first, results, names=(first_name, name))
    rows = {name: results["rows"]["prediction"] for name, results in named.items()}
    still, asked = first["rows"]["still"], {}
    for results in named.values():
        still = _with_metrics_of(results["rows"]["still"], still)
        asked |= results["protocol"].get("perceptual", {})
    return _blocks(rows | {"still": still}, asked)


def check_same_protocol(a: Results, b: Results, *, names: tuple[str, str] = ("a", "b")) -> None:
    """Checks that two results were obtained in the same way on the same clips.

    Of the metrics that are asked for by name, those that both have are compared.

    Raises:
      ValueError: listing the entries of the protocols that differ.
    """
    left, right = _shared(a["protocol"], b["protocol"]), _shared(b["protocol"], a["protocol"])
    keys = [*left, *(key for key in right if key not in left)]
    differ = [key for key in keys if key not in SUBJECT and left.get(key) != right.get(key)]
    if not set(differ) >= SAME_CLIPS:
        differ = [key for key in differ if key not in SAME_CLIPS]
    if differ:
        lines = (f"  {key}: {left.get(key)} and {right.get(key)}" for key in differ)
        raise ValueError(
            f"{names[0]} and {names[1]} were scored by different protocols and cannot stand in "
            "one table. Score them again in the same way. They differ in:\n" + "\n".join(lines)
        )


def plot_curves(results: Results, path: AnyPath) -> None:
    """Draws each metric over the frames, prediction against still, as a PNG.

    One column per convention, with the frames that it counts. Infinite values leave
    a gap.

    Raises:
      OSError: if ``path`` cannot be written.
    """
    # Imported late: matplotlib is slow to load and nothing else here needs it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    conventions = results["protocol"]["conventions"]
    names = list(results["rows"]["prediction"]["curves"][next(iter(conventions))])
    figure = Figure(figsize=(4.8 * len(conventions), 2.4 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), len(conventions), squeeze=False)
    for column, (key, convention) in enumerate(conventions.items()):
        axes[0, column].set_title(key)
        axes[-1, column].set_xlabel("frame")
        for row, name in enumerate(names):
            axes[row, column].set_ylabel(name)
            _draw(axes[row, column], results["rows"], (key, name), start=convention["first_frame"])
    axes[0, 0].legend()
    with replacing(path) as partial:
        FigureCanvasAgg(figure).print_png(str(partial))


def _draw(axes, rows: Mapping[str, Any], entry: tuple[str, str], *, start: int) -> None:
    for label, row in rows.items():
        values = row["curves"][entry[0]][entry[1]]
        gapped = [float("nan") if value is None else value for value in values]
        axes.plot(range(start, len(values)), gapped[start:], marker=".", label=label)


def _shared(protocol: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A protocol with only those metrics, of the ones asked for, that another has too."""
    asked, others = (p.get("perceptual", {}) for p in (protocol, other))
    return {**protocol, "perceptual": {k: v for k, v in asked.items() if k in others}}


def _with_metrics_of(other: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the metrics that another account of it was asked for."""
    if "perceptual" not in other:
        return dict(row)
    intervals, others = (
        {"perceptual": {}, **r.get("interval", {})}["perceptual"] for r in (row, other)
    )
    return {
        **row,
        "perceptual": {**row.get("perceptual", {}), **other["perceptual"]},
        "interval": {**row.get("interval", {}), "perceptual": {**intervals, **others}},
    }


def _blocks(rows: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Any]) -> str:
    """Text of a table; ``asked`` is how the metrics asked for by name were computed."""
    groups = dict.fromkeys(key for row in rows.values() for key in row if key not in NOT_SCORES)
    width = max(len(word) for word in [*rows, *groups])
    blocks = [_block(group, rows, width=width) for group in groups]
    return "\n\n".join([*blocks, *notes(rows, asked)])


def _block(group: str, rows: Mapping[str, Mapping[str, Any]], *, width: int) -> str:
    metrics = dict.fromkeys(name for row in rows.values() for name in row.get(group, {}))
    lines = [(group, list(metrics))]
    for label, row in rows.items():
        scores = row.get(group, {})
        lines.append((label, [_cell(scores.get(name)) for name in metrics]))
        intervals = row.get("interval", {}).get(group, {})
        if any(intervals.get(name) for name in metrics):
            lines.append((MARGIN, [_margin(intervals.get(name)) for name in metrics]))
    column = max(COLUMN, 1 + max((len(cell) for _, cells in lines for cell in cells), default=0))
    return "\n".join(
        (f"{label:<{width}}" + "".join(f"{cell:>{column}}" for cell in cells)).rstrip()
        for label, cells in lines
    )


def _cell(value: float | None) -> str:
    return "-" if value is None else format(value, ".4f")


def _margin(interval: list[float] | None) -> str:
    """``low..high``, with four digits or so: 0.0321, 9.871, 24.91, 350.2."""
    if interval is None:
        return ""
    largest = max(map(abs, interval))
    digits = max(0, 4 - len(str(int(largest)))) + (largest < 1)
    return "..".join(format(value, f".{digits}f") for value in interval)


def notes(rows: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Any]) -> list[str]:
    """What was left out of the means, if anything was, and of what there was too little.

    Args:
      rows: of a result.
      asked: its protocol's ``perceptual``.
    """
    left_out = [
        f"{label} {group} {name} {count}"
        for label, row in rows.items()
        for group, counts in row["left_out"].items()
        for name, count in counts.items()
        if count
    ]
    infinite = [f"Infinite values left out: {', '.join(left_out)}."] if left_out else []
    return infinite + too_few(asked)


def too_few(asked: Mapping[str, Any]) -> list[str]:
    """Warnings of the metrics that had fewer clips than they need.

    Args:
      asked: a protocol's ``perceptual``.
    """
    return [
        format_few_clips_warning(name, how["clips"], how["enough_clips"])
        for name, how in asked.items()
        if how.get("clips", 0) < how.get("enough_clips", 0)
    ]
