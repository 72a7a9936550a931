"""The picture of likeness and motion, read from matplotlib's figure."""

import pytest

from ssagan_jax.evaluation.results import flatten_row
from ssagan_jax.reproduce import pareto_front
from tests.helpers.fake_runs import scores
from tests.helpers.figures import points


def flat(psnr, energy, **more):
    return flatten_row(scores(psnr, energy=energy)) | more


def test_the_front(tmp_path, figures):
    systems = {"A": [flat(24.0, 0.5, lpips=0.2), flat(23.0, 0.7)], "B": [flat(25.0, 0.1)]}
    still = flat(26.0, 0.0, lpips=0.3)
    pareto_front.plot_pareto_front(systems, still, tmp_path / "front.png")
    psnr, clips, ssim, lpips = figures[0].axes
    assert points(psnr, "o") == [(0.5, 24.0), (0.7, 23.0), (0.1, 25.0)]
    assert points(clips, "o")[0] == (0.5, 23.0)
    assert points(ssim, "*") == [(0, 0.6)]
    assert points(psnr, "*") == [(0, 26.0)] and not points(psnr, "^")
    assert points(lpips, "o") == [(0.5, 0.2)] and points(lpips, "^") == [(1, 0)]
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert labels == ["A", "B", "real clips' motion", "still picture", "real clips"]


def test_the_best_of_k_are_hollow_points(tmp_path, figures):
    systems = {"A": [flat(24.0, 0.5)], "B": [flat(25.0, 0.1)]}
    best = {"B": {"standard_psnr": 29.0, pareto_front.MOTION: 0.1}}
    pareto_front.plot_pareto_front(systems, flat(26.0, 0.0), tmp_path / "front.png", best=best)
    psnr, clips, _ = figures[0].axes
    hollow = [line for line in psnr.lines if line.get_markerfacecolor() == "none"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in hollow] == [(0.1, 29.0)]
    filled = next(line for line in psnr.lines if line.get_label() == "B")
    assert hollow[0].get_color() == filled.get_color()
    assert points(clips, "o") == [(0.5, 23.0), (0.1, 24.0)]


def test_no_point_hides_the_control_and_intervals_are_crosses(tmp_path, figures):
    ends = {"standard_psnr_low": 23.0, "standard_psnr_high": 25.5}
    ends |= {f"{pareto_front.MOTION}_low": 0.4, f"{pareto_front.MOTION}_high": 0.7}
    systems = {"control": [flat(24.0, 0.5)], "B": [flat(24.0, 0.5, **ends)]}
    pareto_front.plot_pareto_front(
        systems, flat(26.0, 0.0), tmp_path / "front.png", control="control"
    )
    psnr = figures[0].axes[0]
    control, other = (
        next(line for line in psnr.lines if line.get_label() == name) for name in systems
    )
    assert control.get_markerfacecolor() == "none"
    assert control.get_markersize() > other.get_markersize() and control.zorder > other.zorder
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in psnr.lines]
    assert ([0.4, 0.7], [24.0, 24.0]) in drawn and ([0.5, 0.5], [23.0, 25.5]) in drawn


def test_distances_of_sets_have_a_panel_where_they_were_run(tmp_path, figures):
    points_of_a = [flat(24.0, 0.5, fvd=300.0)]
    still = flat(26.0, 0.0, fvd=370.0)
    pareto_front.plot_pareto_front({"A": points_of_a}, still, tmp_path / "front.png")
    last = figures[0].axes[-1]
    assert last.get_ylabel() == "FVD (less is better)"
    assert points(last, "o") == [(0.5, 300.0)] and points(last, "^") == [(1, 0)]


def test_the_front_of_chosen_measures(tmp_path, figures):
    pareto_front.plot_pareto_front(
        {"A": [flat(24.0, 0.5)]}, {}, tmp_path / "f.png", measures=("author_ssim",)
    )
    assert [axes.get_ylabel() for axes in figures[0].axes] == ["SSIM"]


def test_a_front_of_nothing(tmp_path):
    with pytest.raises(ValueError, match="no point with both a measure and motion"):
        pareto_front.plot_pareto_front(
            {"A": [flat(24.0, None)]}, flat(25.0, 0.0), tmp_path / "front.png"
        )
