"""Pictures: what is in them, read from matplotlib's figure."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from ssagan_jax.reproduce import gather, pareto_front, picture, plan
from ssagan_jax.reproduce.tables import Row
from tests.helpers.fake_runs import result, scores, write_run


@pytest.fixture
def figures(monkeypatch):
    """Every figure that is drawn."""
    drawn, plain = [], FigureCanvasAgg.print_png

    def print_png(self, path):
        drawn.append(self.figure)
        plain(self, path)

    monkeypatch.setattr(FigureCanvasAgg, "print_png", print_png)
    return drawn


def draw(tmp_path, rows):
    options = plan.Options(table="cloud", workdirs=tmp_path)
    found = gather.gather(rows, options)
    picture.draw(found, gather.protocols(found), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.format == "PNG"


def points(axes, marker):
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(x, y) for line in lines for x, y in zip(*line.get_data(), strict=True)]


def test_a_point_for_each_row_beside_the_posters(tmp_path, figures):
    poster = {"mse": 0.03, "psnr": 25.0, "ssim": 0.7}
    rows = [Row("a", "A", "x", poster=poster), Row("b", "B", "x"), Row("c", "C", poster=poster)]
    write_run(tmp_path / "a" / "seed0", result(20.0))
    write_run(tmp_path / "a" / "seed1", result(23.0))
    draw(tmp_path, rows)
    [figure] = figures
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ["MSE (author)", "PSNR (author)"] and "FVD" not in titles
    psnr = figure.axes[1]
    assert points(psnr, "o") == [(21.5, 0)]
    assert points(psnr, "D") == [(25.0, 0), (25.0, 2)]
    assert [20.0, 23.0] in [list(line.get_xdata()) for line in psnr.lines]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["A", "B (not run)", "C"]
    assert figure.legends[0].get_texts()[0].get_text() == "poster"


def test_protocols_have_a_still_picture_each(tmp_path, figures):
    write_run(tmp_path / "a", result(20.0, still=22.0))
    write_run(tmp_path / "b", result(21.0, still=27.0, size=64))
    draw(tmp_path, [Row("a", "A", "x"), Row("b", "B", "x")])
    dotted = {
        line.get_xdata()[0] for line in figures[0].axes[1].lines if line.get_linestyle() == ":"
    }
    assert dotted == {22.0, 27.0}
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert labels == ["still picture, scored as A", "still picture, scored as B"]


def test_learnt_metrics_have_panels_where_they_were_run(tmp_path, figures):
    write_run(tmp_path / "a", result(perceptual={"lpips_alex": 0.2, "fvd": 900.0}))
    draw(tmp_path, [Row("a", "A", "x")])
    titles = [axes.get_title() for axes in figures[0].axes]
    assert titles[-2:] == ["LPIPS (AlexNet)", "FVD"]
    assert points(figures[0].axes[-1], "o") == [(900.0, 0)]


def test_a_table_of_nothing_is_a_picture_too(tmp_path, figures):
    draw(tmp_path, [Row("a", "A", "x")])
    assert [axes.get_title() for axes in figures[0].axes] == ["MSE (author)"]


def flat(psnr, energy, **more):
    return pareto_front.flat(scores(psnr, energy=energy)) | more


def test_the_front(tmp_path, figures):
    systems = {"A": [flat(24.0, 0.5, lpips=0.2), flat(23.0, 0.7)], "B": [flat(25.0, 0.1)]}
    still = flat(26.0, 0.0, lpips=0.3)
    pareto_front.draw(systems, still, tmp_path / "front.png")
    psnr, clips, ssim, lpips = figures[0].axes
    assert points(psnr, "o") == [(0.5, 24.0), (0.7, 23.0), (0.1, 25.0)]
    assert points(clips, "o")[0] == (0.5, 23.0)
    assert points(ssim, "*") == [(0, 0.6)]
    assert points(psnr, "*") == [(0, 26.0)] and not points(psnr, "^")
    assert points(lpips, "o") == [(0.5, 0.2)] and points(lpips, "^") == [(1, 0)]
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert labels == ["A", "B", "real clips' motion", "still picture", "real clips"]


def test_the_best_draws_are_hollow_points(tmp_path, figures):
    systems = {"A": [flat(24.0, 0.5)], "B": [flat(25.0, 0.1)]}
    best = {"B": {"standard_psnr": 29.0, pareto_front.MOTION: 0.1}}
    pareto_front.draw(systems, flat(26.0, 0.0), tmp_path / "front.png", best=best)
    psnr, clips, _ = figures[0].axes
    hollow = [line for line in psnr.lines if line.get_markerfacecolor() == "none"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in hollow] == [(0.1, 29.0)]
    filled = next(line for line in psnr.lines if line.get_label() == "B")
    assert hollow[0].get_color() == filled.get_color()
    assert points(clips, "o") == [(0.5, 23.0), (0.1, 24.0)]


def test_the_front_of_chosen_measures(tmp_path, figures):
    pareto_front.draw({"A": [flat(24.0, 0.5)]}, {}, tmp_path / "f.png", measures=("author_ssim",))
    assert [axes.get_ylabel() for axes in figures[0].axes] == ["SSIM"]


def test_a_front_of_nothing(tmp_path):
    with pytest.raises(ValueError, match="no point with both a measure and motion"):
        pareto_front.draw({"A": [flat(24.0, None)]}, flat(25.0, 0.0), tmp_path / "front.png")
