"""What all pictures made with matplotlib share."""

import os

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ssagan_jax.io.atomic import replacing


def save_figure(figure: Figure, path: str | os.PathLike) -> None:
    """Writes a figure as a PNG; a file there is replaced only when all is written.

    Raises:
      OSError: if ``path`` cannot be written.
    """
    with replacing(path) as partial:
        FigureCanvasAgg(figure).print_png(str(partial))


def collect_legend(figure: Figure) -> tuple[list, list[str]]:
    """Handles and labels of all of a figure's panels, each label once."""
    found = [axes.get_legend_handles_labels() for axes in figure.axes]
    once = {label: h for group in found for h, label in zip(*group, strict=True)}
    return list(once.values()), list(once)
