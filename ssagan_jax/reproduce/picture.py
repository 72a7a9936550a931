"""A table as a picture: a panel for each measure, a point with its interval for each row."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ssagan_jax.io.paths import AnyPath
from ssagan_jax.reproduce.gather import METRICS, Gathered, average_metric, find_protocol
from ssagan_jax.viz.figures import collect_legend, save_figure
from ssagan_jax.viz.tables import Value

PANELS = (
    "author_mse",
    "author_psnr",
    "author_ssim",
    "standard_psnr",
    "energy_ratio",
    "energy_ratio_median",
    "lpips",
    "fvd",
)


def plot_table(gathered: Sequence[Gathered], kinds: Mapping[str, Mapping], path: AnyPath) -> None:
    """Draws a table as a PNG.

    Rows that were not run say so and have no point. Hollow diamonds are the poster's values, dotted
    lines the still picture, one for each protocol (with its colour).

    Raises:
      OSError: if ``path`` cannot be written.
    """
    panels = [key for key in PANELS if _measured(gathered, key) or _quoted(gathered, key)]
    panels = panels or ["author_mse"]
    size = (3.0 * len(panels) + 3, 0.4 * len(gathered) + 1.6)
    figure = Figure(figsize=size, layout="constrained")
    all_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, key in zip(all_axes, panels, strict=True):
        _panel(axes, key, gathered, kinds)
    labels = [
        x.row.label + (" (not run)" if not (x.row.is_quote or x.runs) else "") for x in gathered
    ]
    all_axes[0].set_yticks(range(len(gathered)), labels)
    all_axes[0].set_ylim(len(gathered) - 0.5, -0.5)
    handles, names = collect_legend(figure)
    if names:
        figure.legend(handles, names, loc="outside lower center", ncols=6, frameon=False)
    save_figure(figure, path)


def _panel(
    axes: Axes, key: str, gathered: Sequence[Gathered], kinds: Mapping[str, Mapping]
) -> None:
    axes.set_title(METRICS[key][2].replace(": ", ":\n"), fontsize=10)
    axes.grid(alpha=0.3)
    axes.locator_params(axis="x", nbins=4)
    for height, found in enumerate(gathered):
        if protocol := find_protocol(found, kinds):
            _point(axes, average_metric(found.scores(), key), height, protocol)
    quotes = [
        (x.row.poster[m], y) for y, x in enumerate(gathered) if (m := _quote(key)) in x.row.poster
    ]
    if quotes:
        axes.plot(*zip(*quotes, strict=True), "D", color="k", mfc="none", label="poster")
    for name in kinds:
        found = next(x for x in gathered if find_protocol(x, kinds) == name)
        still = average_metric(found.scores("still")[:1], key)
        if isinstance(still, Value):
            label = f"still picture{_suffix(name, kinds)}"
            axes.axvline(still.mean, color=_colour(name), linestyle=":", label=label)


def _point(axes: Axes, cell: Value | str, height: int, name: str) -> None:
    if not isinstance(cell, Value):
        return
    low, high = (cell.mean if end is None else end for end in (cell.low, cell.high))
    axes.plot([low, high], [height, height], color=_colour(name))
    axes.plot(cell.mean, height, "o", color=_colour(name))


def _measured(gathered: Sequence[Gathered], key: str) -> bool:
    return any(isinstance(average_metric(found.scores(), key), Value) for found in gathered)


def _quoted(gathered: Sequence[Gathered], key: str) -> bool:
    return any(_quote(key) in found.row.poster for found in gathered)


def _quote(key: str) -> str:
    """The poster's name of a measure: its numbers are by the authors' convention."""
    return key.removeprefix("author_") if key.startswith("author_") else ""


def _colour(name: str) -> str:
    return f"C{(ord(name) - ord('A')) % 10}"


def _suffix(name: str, kinds: Mapping) -> str:
    return f", scored as {name}" if len(kinds) > 1 else ""
