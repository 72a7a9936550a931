"""Curves over the frames, read from the picture."""

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.viz import figures
from ssagan_jax.viz.frame_curves import plot_frame_curves
from tests.helpers.made_results import make_results


@pytest.fixture
def results():
    return make_results()


def test_curves_are_drawn(results, tmp_path):
    path = tmp_path / "curves.png"
    plot_frame_curves(results, path)
    picture = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    # matplotlib's first two colours: one curve each for prediction and still
    for colour in ((0x1F, 0x77, 0xB4), (0xFF, 0x7F, 0x0E)):
        assert (picture == colour).all(axis=1).sum() > 100


def test_rows_are_called_by_their_labels(results, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "save_figure", lambda figure, path: drawn.append(figure))
    plot_frame_curves(results, tmp_path / "a.png", labels={"prediction": "likely wind"})
    plot_frame_curves(results, tmp_path / "a.png")
    [labelled] = drawn[0].legends
    assert [text.get_text() for text in labelled.get_texts()] == ["likely wind", "still"]
    assert not drawn[1].legends
    plain = drawn[1].axes[0].get_legend()
    assert [text.get_text() for text in plain.get_texts()] == ["prediction", "still"]


def test_curves_without_a_finite_value_are_drawn(results, tmp_path):
    for scored in results["rows"].values():
        scored["curves"]["author"]["psnr"] = [None, None, None]
    plot_frame_curves(results, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_curves_start_at_the_first_counted_frame(results, tmp_path):
    plot_frame_curves(results, tmp_path / "a.png")
    for scored in results["rows"].values():
        scored["curves"]["standard"]["mse"][0] = 99.0  # would stretch the axis if it were drawn
    plot_frame_curves(results, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_curves_of_results_with_metrics_asked_for_are_drawn(results, tmp_path):
    results["rows"]["prediction"]["curves"]["perceptual"] = {"lpips_alex": [0, 0.1, 0.2]}
    plot_frame_curves(results, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000
