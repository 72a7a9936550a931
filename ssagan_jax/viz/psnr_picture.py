"""Why the mean PSNR of frames must not decide: a picture of two clips under three means."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ssagan_jax.viz.figures import save_figure

# Label -> where it is in a row of results.
MEANS = {
    "mean of frames,\nframe 0 counted": ("author", "psnr"),
    "mean of frames,\nframe 0 left out": ("standard", "psnr"),
    "PSNR of each clip's\nmean error": ("author", "psnr_clip"),
}
MARKERS = "osD^v"


def plot_psnr(rows: Mapping[str, Mapping[str, Any]], path: str | os.PathLike) -> Path:
    """Draws PSNR per frame, and what three ways of averaging make of it, as a PNG.

    Args:
      rows: label -> a row of results (see ``ssagan_jax.evaluation.results``). A frame that is
        perfect, and so infinite, stands at the upper edge.
      path: of the PNG.

    Raises:
      OSError: if ``path`` cannot be written.
    """
    figure = Figure(figsize=(9, 3.2), dpi=80, layout="constrained")
    curves, means = figure.subplots(1, 2, width_ratios=(1, 1.25))
    for number, (label, row) in enumerate(rows.items()):
        # Larger and hollow below smaller ones: equal values stay apart.
        size = 10 - 4 * min(number, 1)
        style = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)], "ms": size}
        style["mfc"] = style["color"] if number else "none"
        _curve(curves, row["curves"]["author"]["psnr"], label=label, **style)
        values = [row[group][name] for group, name in MEANS.values()]
        means.plot(range(len(MEANS)), values, linestyle="none", label=label, **style)
        for place, value in enumerate(values):
            offset = (9, 6 if number % 2 else -13)
            means.annotate(f"{value:.3f}", (place, value), offset, textcoords="offset points")
    curves.xaxis.get_major_locator().set_params(integer=True)
    curves.set(xlabel="frame", ylabel="PSNR, dB", title="per frame")
    means.set(xlim=(-0.4, len(MEANS) - 0.4), title="which is better?")
    means.margins(y=0.25)
    means.set_xticks(range(len(MEANS)), list(MEANS))
    means.legend(fontsize=8)
    for axes in (curves, means):
        axes.grid(alpha=0.3)
    save_figure(figure, path)
    return Path(path)


def _curve(axes: Axes, values: Any, *, label: str, **style: Any) -> None:
    finite = [(frame, value) for frame, value in enumerate(values) if value is not None]
    axes.plot(*zip(*finite, strict=True), label=label, **style)
    for frame in (frame for frame, value in enumerate(values) if value is None):
        axes.annotate(
            "infinite", (frame, 1), (6, -10), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=style["color"], fontsize=8,
        )  # fmt: skip
        axes.plot(
            frame, 1, clip_on=False, transform=axes.get_xaxis_transform(), **style
        )  # fmt: skip
