"""What runs left, by row: results, seeds, protocols, checkpoints without results."""

import re

import pytest

from ssagan_jax.evaluation import api
from ssagan_jax.reproduce import gather, plan, tables
from ssagan_jax.reproduce.columns import average_metric
from ssagan_jax.reproduce.tables import Row
from ssagan_jax.viz.tables import Value
from tests.helpers.fake_runs import (
    of_clips,
    result,
    windy_result,
    write_checkpoint,
    write_run,
)

A, B = Row("a", "A", "ssagan"), Row("b", "B", "ssagan")


@pytest.fixture
def options(tmp_path):
    return plan.Options(table="cloud", workdirs=tmp_path, budget="tiny")


def test_a_row_without_a_folder_has_no_runs(options):
    [found] = gather.gather_runs([A], options)
    assert list(found.runs) == []
    assert average_metric(found.scores(), "author_psnr") == "not run"


def test_seeds_are_averaged_with_their_range(options, tmp_path):
    for seed, psnr in ((10, 26.0), (0, 21.0), (2, 22.0)):
        write_run(tmp_path / "a" / f"seed{seed}", result(psnr))
    [found] = gather.gather_runs([A], options)
    assert [run.workdir.name for run in found.runs] == ["seed0", "seed2", "seed10"]
    assert average_metric(found.scores(), "author_psnr") == Value(23.0, 21.0, 26.0, 2)


def test_one_seed_has_the_interval_of_its_file(options, tmp_path):
    interval = {"author": {"psnr": [20.0, 28.0]}}
    write_run(tmp_path / "a", result(24.0, interval=interval))
    [found] = gather.gather_runs([A], options)
    assert average_metric(found.scores(), "author_psnr") == Value(24.0, 20.0, 28.0, 2)
    assert average_metric(found.scores(), "author_mse") == Value(0.02, None, None, 4)


def test_metrics_that_a_file_lacks_were_not_run(options, tmp_path):
    write_run(tmp_path / "a", result())
    write_run(tmp_path / "b", result(perceptual={"lpips_alex": 0.25, "fvd": None}))
    a, b = gather.gather_runs([A, B], options)
    assert average_metric(a.scores(), "lpips") == "not run"
    assert average_metric(b.scores(), "lpips") == Value(0.25, digits=4)
    assert average_metric(b.scores(), "fvd") == "undefined"


def test_runs_of_one_row_must_have_one_protocol(options, tmp_path):
    write_run(tmp_path / "a" / "seed0", result())
    write_run(tmp_path / "a" / "seed1", result(size=64))
    [found] = gather.gather_runs([A], options)
    assert not found.runs
    assert re.search(r"seed0 and .*seed1 were scored by different protocols", found.problem)


def test_a_run_in_the_row_s_own_folder_is_its_only_one(options, tmp_path):
    write_run(tmp_path / "a" / "seed0", result(21.0))
    write_run(tmp_path / "a" / "seed1.bak", result(99.0))
    [found] = gather.gather_runs([A], options)
    assert [run.seed for run in found.runs] == [0]
    write_run(tmp_path / "a", result(24.0))
    [found] = gather.gather_runs([A], options)
    assert [run.seed for run in found.runs] == [None]
    several = plan.Options(table="cloud", workdirs=tmp_path, budget="tiny", seeds=2)
    assert [run.seed for run in gather.gather_runs([A], several)[0].runs] == [0]


def test_a_folder_of_workdirs_may_have_a_row_s_name(tmp_path):
    options = plan.Options(table="cloud", workdirs=tmp_path / "a", budget="tiny")
    write_run(tmp_path / "a" / "a", result())
    [found] = gather.gather_runs([A], options)
    assert found.runs[0].seed is None
    assert "does not say how it was trained" in gather.find_mismatch(found, options)


def test_rows_of_other_protocols_have_other_letters(options, tmp_path):
    write_run(tmp_path / "a", result())
    write_run(tmp_path / "b", result(size=64))
    found = gather.gather_runs([A, B, Row("c", "C", "ssagan")], options)
    kinds = gather.name_protocols(found)
    assert {name: x["protocol"]["clip"][1] for name, x in kinds.items()} == {"A": 32, "B": 64}
    assert [gather.find_protocol(x, kinds) for x in found[:2]] == ["A", "B"]


@pytest.fixture
def scored(monkeypatch):
    """The calls of ``api.evaluate_checkpoint``, which are not made."""
    calls = []

    def evaluate_checkpoint(path, **options):
        calls.append((path, options))
        return result(25.0, perceptual=dict.fromkeys(options.get("metrics", ()), 0.1))

    monkeypatch.setattr(api, "evaluate_checkpoint", evaluate_checkpoint)
    return calls


def test_a_checkpoint_without_results_is_scored(options, tmp_path, scored):
    write_checkpoint(tmp_path / "a")
    write_checkpoint(tmp_path / "b")
    found = gather.gather_runs([A, B], options)
    assert average_metric(found[0].scores(), "author_psnr") == Value(25.0, digits=2)
    assert scored == [(str(tmp_path / "a"), {}), (str(tmp_path / "b"), {})]


def test_results_of_an_earlier_checkpoint_are_replaced_as_they_were_made(options, tmp_path, scored):
    old = {"statistics": "batch", "draws": 8, "clips": 5}
    found = result(step=2, protocol=old, perceptual={"fvd": 1.0})
    write_run(write_checkpoint(tmp_path / "a", step=4), found)
    write_run(write_checkpoint(tmp_path / "b", step=4), result(step=4))
    gather.gather_runs([A, B], options)
    assert scored == [(str(tmp_path / "a"), {**old, "metrics": ("fvd",)})]


def test_statistics_of_batches_have_results_of_their_own(tmp_path, scored):
    options = plan.Options(table="cloud", workdirs=tmp_path, budget="tiny", statistics="batch")
    folder = write_checkpoint(tmp_path / "a", step=4)
    write_run(folder, result(21.0, step=4, protocol={"statistics": "running", "clips": 5}))
    [found] = gather.gather_runs([A], options)
    target = folder / "results_batch.json"
    asked = {"statistics": "batch", "output": str(target), "clips": 5}
    assert scored == [(str(folder), asked)]
    assert average_metric(found.scores(), "author_psnr") == Value(25.0, digits=2)
    assert found.runs[0].path == target


def test_a_run_without_a_checkpoint_yet_was_not_run(options, tmp_path, scored):
    (tmp_path / "a" / "checkpoints").mkdir(parents=True)
    [found] = gather.gather_runs([A], options)
    assert not found.runs and not scored


def test_metrics_that_are_asked_for_and_missing_are_computed(tmp_path, scored):
    options = plan.Options(table="cloud", workdirs=tmp_path, metrics=("lpips_alex",))
    write_run(write_checkpoint(tmp_path / "a"), result())
    write_run(write_checkpoint(tmp_path / "b"), result(perceptual={"lpips_alex": 0.3}))
    a, b = gather.gather_runs([A, B], options)
    assert scored == [(str(tmp_path / "a"), {"metrics": ("lpips_alex",)})]
    assert average_metric(a.scores(), "lpips") == Value(0.1, digits=4)
    assert average_metric(b.scores(), "lpips") == Value(0.3, digits=4)


def test_results_alone_are_shown_even_if_more_was_asked_for(tmp_path, scored):
    options = plan.Options(table="cloud", workdirs=tmp_path, metrics=("lpips_alex",))
    write_run(tmp_path / "a", result())
    [found] = gather.gather_runs([A], options)
    assert found.runs and not scored
    assert average_metric(found.scores(), "lpips") == "not run"


WARP = {row.name: row for row in tables.WIND}


def gather_one(name, tmp_path, **more):
    options = plan.Options(table="wind", workdirs=tmp_path, budget="tiny", **more)
    return gather.gather_runs([WARP[name]], options)[0]


def test_a_row_shows_what_its_label_says(tmp_path):
    write_run(tmp_path / "wind_warp", windy_result())
    for name, psnr in (("wind_warp", 24.0), ("wind_warp_reversed", 21.0), ("wind_warp_best", 26.0)):
        found = gather_one(name, tmp_path)
        assert average_metric(found.scores(), "author_psnr").mean == psnr
        assert "winds" not in found.runs[0].results["protocol"]
    assert "draws" not in gather_one("wind_warp", tmp_path).runs[0].results
    assert "draws" in gather_one("wind_warp_drawn", tmp_path).runs[0].results


def test_medians_of_seeds_have_the_means_of_their_quartiles(tmp_path):
    for seed, median in ((0, 0.8), (1, 1.0)):
        found = windy_result()
        found["rows"]["wind_given"] |= of_clips(median)
        found["rows"]["wind_given"]["quartiles"]["motion"]["energy_ratio_median"][1] = 1.5 + seed
        write_run(tmp_path / "wind_warp" / f"seed{seed}", found)
    cell = average_metric(
        gather_one("wind_warp_given", tmp_path, seeds=2).scores(), "energy_ratio_median"
    )
    assert (cell.mean, cell.low, cell.high) == pytest.approx((0.9, 0.5, 2.0))


def test_winds_and_draws_that_are_missing_are_scored(tmp_path, monkeypatch):
    asked = []

    def evaluate_checkpoint(path, **options):
        asked.append(options)
        return windy_result()

    monkeypatch.setattr(api, "evaluate_checkpoint", evaluate_checkpoint)
    without = windy_result()
    del without["draws"], without["protocol"]["draws"]
    write_run(write_checkpoint(tmp_path / "wind_warp"), without)
    assert gather_one("wind_warp_given", tmp_path).runs and not asked
    assert gather_one("wind_warp_best", tmp_path).runs
    assert asked == [{"draws": 8}]
    write_run(tmp_path / "wind_warp", result())  # scored before there were winds
    assert gather_one("wind_warp_given", tmp_path).runs
    assert asked[1:] == [{}]


def test_a_run_scored_without_what_a_row_shows_says_so(tmp_path):
    write_run(tmp_path / "wind_warp", result())
    found = gather_one("wind_warp_given", tmp_path)
    assert not found.runs and "was scored without wind_given" in found.problem


def test_a_run_of_another_configuration_is_named(options, tmp_path):
    row = Row("a", "A", "ssagan")
    trained = plan.make_plan(row, options).config().to_dict()
    write_run(tmp_path / "a", result(), config=trained)
    assert gather.find_mismatch(gather.gather_runs([row], options)[0], options) == ""
    write_run(tmp_path / "a", config={**trained, "batch_size": 99})
    assert "batch_size: 99 there, 8 asked" in gather.find_mismatch(
        gather.gather_runs([row], options)[0], options
    )


def test_a_run_that_is_not_finished_is_named(options, tmp_path):
    row = Row("a", "A", "ssagan")
    trained = plan.make_plan(row, options).config().to_dict()
    write_run(tmp_path / "a", result(step=2), config=trained)
    assert "stands at step 2 of 4" in gather.find_mismatch(
        gather.gather_runs([row], options)[0], options
    )


def test_any_data_set_will_do_if_none_is_asked_for(options, tmp_path):
    row = Row("a", "A", "ssagan")
    given = plan.Options(table="cloud", workdirs=tmp_path, budget="tiny", data_dir="d")
    trained = plan.make_plan(row, given).config().to_dict()
    assert trained["dataset"]["name"] == "sky"
    write_run(tmp_path / "a", result(), config=trained)
    [found] = gather.gather_runs([row], options)
    assert gather.find_mismatch(found, options) == ""
    other = plan.Options(table="cloud", workdirs=tmp_path, budget="tiny", dataset="video_folder")
    assert "dataset.name" in gather.find_mismatch(found, other)


def test_a_seed_is_compared_with_its_own_plan(options, tmp_path):
    row = Row("a", "A", "ssagan")
    trained = plan.make_plan(row, options, seed=3).config().to_dict()
    assert trained["seed"] == 3
    write_run(tmp_path / "a" / "seed3", result(), config=trained)
    assert gather.find_mismatch(gather.gather_runs([row], options)[0], options) == ""


def test_a_run_that_says_nothing_of_its_training_is_named(options, tmp_path):
    write_run(tmp_path / "a", result())
    [found] = gather.gather_runs([A], options)
    assert "does not say how it was trained" in gather.find_mismatch(found, options)
