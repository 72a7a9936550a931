"""The picture of the PSNR argument."""

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from ssagan_jax.viz import psnr_picture


def row(first, *, author):
    """A row of results whose frames have these values."""
    return {
        "author": {"psnr": author, "psnr_clip": 21.0},
        "standard": {"psnr": 22.0},
        "curves": {"author": {"psnr": [first, 25.0, 20.0]}},
    }


def test_curves_and_means(tmp_path, monkeypatch):
    figures = []
    plain = Figure.subplots

    def subplots(self, *arguments, **options):
        figures.append(self)
        return plain(self, *arguments, **options)

    monkeypatch.setattr(Figure, "subplots", subplots)
    rows = {"still": row(None, author=22.5), "spoilt": row(50.0, author=31.25)}
    path = psnr_picture.plot_psnr(rows, tmp_path / "psnr.png")
    assert np.asarray(Image.open(path)).std() > 5
    curves, means = figures[0].axes
    shown = {line.get_label(): line.get_xydata().tolist() for line in curves.get_lines()}
    assert next(iter(shown.values())) == [[1, 25], [2, 20]]  # frame 0 is infinite
    assert [[0, 50], [1, 25], [2, 20]] in shown.values()
    assert [text.get_text() for text in curves.texts] == ["infinite"]
    labels = [text.get_text() for text in means.texts]
    assert labels == ["22.500", "22.000", "21.000", "31.250", "22.000", "21.000"]
    assert [text.get_text() for text in means.get_legend().get_texts()] == ["still", "spoilt"]
