"""Curves for a person to look at, drawn from a run's ``metrics.jsonl``."""

import os
import re
import sys
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ssagan_jax.io import paths
from ssagan_jax.io.json_lines import read_lines
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.viz.figures import save_figure

# Title of a panel -> the keys that it shows; what is in brackets is a curve's label. Gradient
# norms have panels of their own: they are larger than losses by orders of magnitude.
PANELS = {
    "Generator losses": r"g/(?!gradient_norm$)(.+)",
    "Generator gradient norm": r"g/(gradient_norm)",
    "Discriminator losses": r"d/(?!gradient_norm$)(.+)",
    "Discriminator gradient norm": r"d/(gradient_norm)",
    "Attention gates (gamma) per level": r"gamma/(.+)",
}
_WIDE = 20  # largest value over smallest, from which on a small curve would look flat
_SMOOTHING = 50  # a curve is drawn faintly, and its mean over a 50th of the run boldly

Curve = tuple[list[int], list[int | float]]  # steps, values


def plot_losses(metrics: str | os.PathLike, png: str | os.PathLike) -> AnyPath:
    """Draws losses and gradient norms of either network, and gammas, over steps as one PNG.

    Args:
      metrics: JSON lines with ``step`` and keys such as ``g/l1``, ``d/vanilla``,
        ``gamma/encoder1``. A line need not have every key; a torn last line, damaged
        lines (which are named) and values that are not finite numbers are left out.
      png: where the picture goes.

    Returns:
      The path of the picture.

    Raises:
      FileNotFoundError: there are no metrics.
      ValueError: there is no curve to draw.
      OSError: the picture cannot be written.
    """
    curves = read_curves(metrics)
    panels = {title: _shown(pattern, curves) for title, pattern in PANELS.items()}
    panels = {title: shown for title, shown in panels.items() if shown}
    if not has_panels(curves):
        raise ValueError(f"No losses in {metrics} yet, expected keys such as g/l1. Train first.")
    figure = Figure(figsize=(9, 2.8 * len(panels)), layout="constrained")
    all_axes = figure.subplots(len(panels), squeeze=False)[:, 0]
    for axes, (title, shown) in zip(all_axes, panels.items(), strict=True):
        _draw(axes, title, shown)
    all_axes[-1].set_xlabel("step (discriminator updates)")
    save_figure(figure, png)
    return paths.path(png)


def read_curves(metrics: str | os.PathLike) -> dict[str, Curve]:
    """Reads JSON lines as {key: (steps, values)}, keys in alphabetical order.

    Values that are not finite numbers are left out. Errors as ``plot_losses``.
    """
    curves: dict[str, Curve] = {}
    for record in _records(paths.path(metrics)):
        for key, value in record.items():
            if key != "step" and isinstance(value, int | float) and np.isfinite(value):
                steps, values = curves.setdefault(key, ([], []))
                steps.append(record["step"])
                values.append(value)
    return dict(sorted(curves.items()))


def has_panels(curves: Mapping[str, Curve]) -> bool:
    """Whether there is anything among these curves that ``plot_losses`` draws."""
    return any(_shown(pattern, curves) for pattern in PANELS.values())


def _records(path: AnyPath) -> list[dict]:
    if not path.exists():
        raise FileNotFoundError(f"No metrics at {path}. Training writes them into its workdir.")
    lines = read_lines(path, key="step")
    damaged = [str(line.number) for line in lines if line.record is None]
    if damaged:
        print(f"{path}: damaged lines ({', '.join(damaged)}) are left out.", file=sys.stderr)
    return [line.record for line in lines if line.record is not None]


def _shown(pattern: str, curves: Mapping[str, Curve]) -> dict[str, Curve]:
    """The curves of one panel, by their labels."""
    found = {key: re.fullmatch(pattern, key) for key in curves}
    return {match[1]: curves[key] for key, match in found.items() if match}


def _draw(axes: Axes, title: str, curves: Mapping[str, Curve]) -> None:
    for index, (label, (steps, values)) in enumerate(curves.items()):
        window = max(1, len(values) // _SMOOTHING)
        if window > 1:
            axes.plot(steps, values, color=f"C{index % 10}", alpha=0.25, linewidth=0.8)
        smooth = np.convolve(values, np.full(window, 1 / window), mode="valid")
        # Ten colours, then the same ones dashed; dots where a line would be too short to see.
        style = ("-" if index < 10 else "--") + ("." if len(values) < 10 else "")
        axes.plot(steps[window - 1 :], smooth, style, color=f"C{index % 10}", label=label)
    axes.set_yscale(_scale(curves))
    axes.set_title(title, loc="left")
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def _scale(curves: Mapping[str, Curve]) -> str:
    """Logarithmic where curves of positive values would flatten each other, else linear."""
    values = np.concatenate([values for _, values in curves.values()])
    return "log" if values.min() > 0 and values.max() > _WIDE * values.min() else "linear"
