"""A table as a picture: a panel for each measure, a point with its interval for each row."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ssagan_jax.io.paths import AnyPath
from ssagan_jax.reproduce.columns import METRICS, average_metric
from ssagan_jax.reproduce.gather import Gathered, find_protocol
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

# The poster's setting: pixels and frames of its clips, and the least steps of any row's training.
SIZE, FRAMES, STEPS = 128, 32, 100_000
SETTING = (
    f"poster: what it says of a row, by its own training and test at {SIZE} px, {FRAMES} frames. "
    "Not this setting, so not to be compared with the points."
)
QUOTE = "0.4"  # the colour of what is quoted


def plot_table(gathered: Sequence[Gathered], kinds: Mapping[str, Mapping], path: AnyPath) -> None:
    """Draws a table as a PNG.

    Rows that were not run say so and have no point. The poster's values are hollow diamonds where
    a row was trained as long as the paper's on clips of its size, and numbers beside the points
    where it was not: they are of another setting. Dotted lines are the still picture, one for each
    protocol (with its colour), the band its interval.

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
    if any(x.row.poster and not _has_posters_setting(x) for x in gathered):
        figure.suptitle(SETTING, fontsize=9, color=QUOTE)
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
    _plot_quotes(axes, key, gathered)
    for name in kinds:
        found = next(x for x in gathered if find_protocol(x, kinds) == name)
        still = average_metric(found.scores("still")[:1], key)
        if isinstance(still, Value):
            label = f"still picture{_suffix(name, kinds)}"
            axes.axvline(still.mean, color=_colour(name), linestyle=":", label=label, zorder=1)
            if still.low is not None and still.high is not None:
                axes.axvspan(still.low, still.high, color=_colour(name), alpha=0.06, linewidth=0)


def _point(axes: Axes, cell: Value | str, height: int, name: str) -> None:
    if not isinstance(cell, Value):
        return
    low, high = (cell.mean if end is None else end for end in (cell.low, cell.high))
    axes.plot([low, high], [height, height], color=_colour(name))
    axes.plot(cell.mean, height, "o", color=_colour(name))


def _plot_quotes(axes: Axes, key: str, gathered: Sequence[Gathered]) -> None:
    """The poster's values: as points only where they can be compared with the row's own."""
    for height, found in enumerate(gathered):
        value = found.row.poster.get(_quote(key))
        if value is None:
            continue
        if _has_posters_setting(found):
            axes.plot(value, height, "D", color="k", mfc="none", label="poster")
        else:
            text = f"poster {value:.{METRICS[key][3]}f}"
            where = axes.get_yaxis_transform()  # across: shares of the panel's width
            axes.text(
                0.99, height - 0.12, text, transform=where, fontsize=7, color=QUOTE, ha="right"
            )


def _has_posters_setting(found: Gathered) -> bool:
    protocols = [run.results["protocol"] for run in found.runs]
    return bool(protocols) and all(
        list(x["clip"])[:2] == [FRAMES, SIZE] and _is_whole(x.get("step")) for x in protocols
    )


def _is_whole(step: object) -> bool:
    return isinstance(step, int) and step >= STEPS


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
