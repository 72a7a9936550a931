"""The Pareto front of likeness and motion, as a picture.

Over the energy ratio: the still picture is at 0, real clips at 1. PSNR of frames is by the standard
convention, which leaves frame 0 out: with it, the still picture alone loses its best frame, whose
PSNR is infinite.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ssagan_jax.io.paths import AnyPath
from ssagan_jax.viz.figures import collect_legend, save_figure

# Name of a point's value -> label of its axis.
MEASURES = {
    "standard_psnr": "PSNR of frames 1 to T - 1, dB",
    "author_psnr_clip": "PSNR of clips, dB",
    "author_ssim": "SSIM",
    "lpips": "LPIPS (less is better)",
    "fvd": "FVD (less is better)",
}
MARKERS = "os^D"
MOTION = "motion_energy_ratio"

Point = Mapping[str, float | None]


def plot_pareto_front(
    points: Mapping[str, Sequence[Point]],
    still: Point,
    path: AnyPath,
    *,
    best: Mapping[str, Point] | None = None,
    control: str = "",
    measures: Sequence[str] = tuple(MEASURES),
) -> None:
    """Draws a panel for each measure that any point has.

    Args:
      points: of each model, joined by a line in this order; values as from
        ``evaluation.results.flatten_row``, and their intervals, if they have any, beside them:
        ``standard_psnr_low``, ``standard_psnr_high``.
      still: the still picture's.
      path: of the PNG.
      best: of models with noise, their best of K: a hollow point.
      control: the model that the others are to be compared with: a ring, so that none hides it.
      measures: which, keys of ``MEASURES``.

    Raises:
      ValueError: if there is nothing to draw.
      OSError: if ``path`` cannot be written.
    """
    shown = [key for key in measures if any(_list_pairs(row, key) for row in points.values())]
    if not shown:
        raise ValueError(
            "There is no point with both a measure and motion to draw. Evaluate first."
        )
    figure = Figure(figsize=(4.4 * len(shown) + 2, 4), layout="constrained")
    for axes, key in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        _plot_models(axes, key, points, best or {}, control)
        _plot_ends(axes, key, still)
        axes.set(xlabel="energy ratio (still: 0, real: 1)", ylabel=MEASURES[key])
    handles, labels = collect_legend(figure)
    figure.legend(handles, labels, loc="outside right center", fontsize=8)
    save_figure(figure, path)


def _plot_models(
    axes: Axes,
    key: str,
    points: Mapping[str, Sequence[Point]],
    best: Mapping[str, Point],
    control: str,
) -> None:
    pairs = {name: _list_pairs(row, key) for name, row in points.items()}
    for number, (name, row) in enumerate(pairs.items()):
        ends = zip(*row, strict=True) if row else ([], [])
        marker = MARKERS[number // 10 % len(MARKERS)]  # colours repeat after ten
        line, *_ = axes.plot(*ends, marker=marker)
        line.set_label(name)
        if name == control:
            line.set(markersize=13, markerfacecolor="none", markeredgewidth=2, zorder=3)
        for point in points[name]:
            _plot_intervals(axes, key, point, line.get_color())
        for pair in _list_pairs([best.get(name, {})], key):
            axes.plot(*pair, "o", color=line.get_color(), mfc="none", label="best of K")
    axes.set_xscale("symlog", linthresh=0.1)  # models lie from 0.01 to 10
    most = max(motion for row in pairs.values() for motion, _ in row)
    axes.set_xlim(-0.03, 1.5 * max(most, 1.0))


def _plot_intervals(axes: Axes, key: str, point: Point, colour: Any) -> None:
    """A cross of the intervals of motion and of the measure, as far as both are known."""
    x, y = point.get(MOTION), point.get(key)
    style: dict[str, Any] = {"color": colour, "linewidth": 0.8, "alpha": 0.6}
    if x is not None and y is not None:
        if across := _interval(point, MOTION):
            axes.plot(across, (y, y), **style)
        if up := _interval(point, key):
            axes.plot((x, x), up, **style)


def _interval(point: Point, name: str) -> tuple[float, float] | None:
    low, high = (point.get(f"{name}_{end}") for end in ("low", "high"))
    return None if low is None or high is None else (low, high)


def _plot_ends(axes: Axes, key: str, still: Point) -> None:
    """Where the still picture and the real clips are."""
    axes.axvline(1, color="k", linewidth=0.5, linestyle="--", label="real clips' motion")
    if (value := still.get(key)) is not None:
        axes.plot(0, value, "k*", markersize=12, label="still picture")
        axes.axhline(value, color="k", linewidth=0.5)
    if key in ("lpips", "fvd"):  # distances, so real clips have 0; their PSNR is infinite
        axes.plot(1, 0, "k^", markersize=10, label="real clips")


def _list_pairs(points: Sequence[Point], key: str) -> list[tuple[float, float]]:
    """Motion and a measure of each point that has both."""
    pairs = ((point.get(MOTION), point.get(key)) for point in points)
    return [(motion, value) for motion, value in pairs if motion is not None and value is not None]
