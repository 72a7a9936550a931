"""Scores over the frames of a clip, as a picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from ssagan_jax.io.paths import AnyPath


def plot_frame_curves(
    results: Mapping[str, Any], path: AnyPath, *, labels: Mapping[str, str] | None = None
) -> None:
    """Draws each metric over the frames, predictions against still, as a PNG.

    One column per convention, with the frames that it counts. Infinite values leave
    a gap.

    Args:
      results: ``{"protocol": {"conventions": {convention: {"first_frame": int, ...}}, ...},
        "rows": {label: {"curves": {convention: {metric: [one per frame, None if not finite]}}}}}``.
      path: of the PNG.
      labels: what the legend calls rows, where not by their names.

    Raises:
      OSError: if ``path`` cannot be written.
    """
    # Imported late: matplotlib is slow to load, and training imports this file at its start.
    from matplotlib.figure import Figure

    from ssagan_jax.viz.figures import save_figure

    conventions, rows = results["protocol"]["conventions"], results["rows"]
    labelled = {(labels or {}).get(name, name): row for name, row in rows.items()}
    names = list(next(iter(rows.values()))["curves"][next(iter(conventions))])
    figure = Figure(figsize=(4.8 * len(conventions), 2.4 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), len(conventions), squeeze=False)
    for column, (key, convention) in enumerate(conventions.items()):
        axes[0, column].set_title(key)
        axes[-1, column].set_xlabel("frame")
        for row, name in enumerate(names):
            axes[row, column].set_ylabel(name)
            values = {label: scores["curves"][key][name] for label, scores in labelled.items()}
            _plot_values(axes[row, column], values, first_frame=convention["first_frame"])
    if labels:  # too long for an axis
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    else:
        axes[0, 0].legend()
    save_figure(figure, path)


def _plot_values(
    axes: Any, rows: Mapping[str, Sequence[float | None]], *, first_frame: int
) -> None:
    for label, values in rows.items():
        gapped = [float("nan") if value is None else value for value in values]
        frames = range(first_frame, len(values))
        axes.plot(frames, gapped[first_frame:], marker=".", label=label)
