"""Differences of rows, by hand."""

import numpy as np
import pytest

from ssagan_jax.evaluation.clip_table import ClipScores, find_clip_table, write_clip_scores
from ssagan_jax.reproduce import differences, gather, plan
from ssagan_jax.reproduce.tables import Row
from tests.helpers.fake_runs import result, write_run

VIDEOS = tuple("aabbccddee")
HARD = np.random.default_rng(0).normal(25, 5, 10)  # how hard each clip is
ROWS = [Row("first", "First", "x"), Row("second", "Second", "x")]


def write(folder, psnr, *, videos=VIDEOS, **more):
    write_run(folder, result())
    rows = {"prediction": {"standard_psnr": psnr, **more}, "still": {"standard_psnr": HARD}}
    for key, x in more.items():
        rows["still"][key] = x if key.endswith("_of") else np.zeros(len(videos))
    write_clip_scores(ClipScores(videos, rows), find_clip_table(folder / "results.json"))


def compare(tmp_path, rows=ROWS, seeds=1):
    options = plan.Options(table="cloud", workdirs=tmp_path, seeds=seeds)
    return differences.tabulate_differences(gather.gather_runs(rows, options))


def cell(table, label, minus, column="standard_psnr"):
    [line] = [x for x in table.lines if (x["label"], x["minus"]) == (label, minus)]
    return line[column]


def test_what_is_hard_for_both_falls_out(tmp_path):
    write(tmp_path / "first", HARD + 1)
    write(tmp_path / "second", HARD + 1.5)
    table = compare(tmp_path)
    found = cell(table, "Second", "First")
    assert [found.mean, found.low, found.high] == pytest.approx([0.5] * 3)
    assert cell(table, "First", "still picture").mean == pytest.approx(1)
    assert list(table.columns) == ["label", "minus", "seeds", "standard_psnr"]


def test_the_interval_is_over_videos(tmp_path):
    gain = np.repeat([0.0, 0.0, 0.0, 0.0, 5.0], 2)  # one video of five decides
    write(tmp_path / "first", HARD)
    write(tmp_path / "second", HARD + gain)
    found = cell(compare(tmp_path), "Second", "First")
    assert found.mean == pytest.approx(1) and found.low == 0
    assert found.high == pytest.approx(3)  # that video three times among five


def test_a_small_difference_is_shown_with_two_digits_of_its_interval(tmp_path):
    """Of mean squared errors four digits would be zeros."""
    error = HARD * 1e-4
    write(tmp_path / "first", HARD, standard_mse=error)
    write(tmp_path / "second", HARD, standard_mse=error + np.repeat([0, 1, 2, 3, 4], 2) * 1e-5)
    table = compare(tmp_path)
    assert str(cell(table, "Second", "First", "standard_mse")).startswith("0.000020 (0.00000")
    assert cell(table, "Second", "First").digits == 2


def test_seeds_are_drawn_anew_too_and_in_pairs(tmp_path):
    for seed, (first, second) in enumerate([(0, 1), (10, 13)]):
        write(tmp_path / "first" / f"seed{seed}", HARD + first)
        write(tmp_path / "second" / f"seed{seed}", HARD + second)
    table = compare(tmp_path, seeds=2)
    found = cell(table, "Second", "First")
    assert [found.mean, found.low, found.high] == pytest.approx([2, 1, 3])
    assert {line["seeds"] for line in table.lines} == {"2"}


def test_ratios_are_pooled_as_in_results(tmp_path):
    real = np.full(10, 2.0)
    write(tmp_path / "first", HARD, energy_ratio=np.full(10, 1.0), energy_ratio_of=real)
    write(tmp_path / "second", HARD, energy_ratio=np.full(10, 3.0), energy_ratio_of=real)
    table = compare(tmp_path)
    assert cell(table, "Second", "First", "energy_ratio").mean == pytest.approx(1)
    assert cell(table, "Second", "still picture", "energy_ratio").mean == pytest.approx(1.5)


def test_a_row_that_shows_anothers_run_is_compared_with_that(tmp_path):
    for name in ("first", "second"):
        write(tmp_path / name, HARD + 1)
    other = Row("second_still", "Second, still", shows="still", run="second")
    table = compare(tmp_path, rows=[*ROWS, other])
    assert cell(table, "Second, still", "Second").mean == pytest.approx(-1)


def test_clips_without_a_finite_score_are_left_out(tmp_path):
    psnr = HARD + 1
    psnr[3] = np.inf
    write(tmp_path / "first", psnr)
    found = cell(compare(tmp_path), "First", "still picture")
    assert found.mean == pytest.approx(np.delete(psnr, 3).mean() - HARD.mean())


def test_rows_of_other_clips_or_without_scores_of_clips(tmp_path):
    write(tmp_path / "first", HARD)
    write(tmp_path / "second", HARD, videos=("z",) * 10)
    assert cell(compare(tmp_path), "Second", "First") == differences.NONE
    find_clip_table(tmp_path / "second" / "results.json").unlink()
    assert {line["label"] for line in compare(tmp_path).lines} == {"First"}
    assert compare(tmp_path, rows=[ROWS[1]]) is None
