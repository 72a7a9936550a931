"""Figures, as they are drawn."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg


@pytest.fixture
def figures(monkeypatch):
    """Every figure that is drawn."""
    drawn, plain = [], FigureCanvasAgg.print_png

    def print_png(self, path):
        drawn.append(self.figure)
        plain(self, path)

    monkeypatch.setattr(FigureCanvasAgg, "print_png", print_png)
    return drawn
