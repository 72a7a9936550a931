"""From a row to the command that trains it."""

import shlex

import pytest

from ssagan_jax.config import loading
from ssagan_jax.reproduce import budgets, plan
from ssagan_jax.reproduce.tables import BEACH, Row

ROW = Row("a", "A", "ssagan", {"recipe": "hinge"})
SUM = next(row for row in BEACH if row.name == "beach_ssagan128_sum")


def options(tmp_path, **more):
    return plan.Options(**{"table": "cloud", "workdirs": tmp_path, **more})


def test_a_plan_is_a_command_that_can_be_typed(tmp_path):
    made = plan.make_plan(SUM, options(tmp_path, budget="small", data_dir="clips"))
    program, command, spec, workdir, *overrides = shlex.split(made.command)
    assert (program, command) == ("ssagan", "train")
    assert workdir == f"--workdir={tmp_path}/beach_ssagan128_sum"
    typed = loading.load(spec.removeprefix("--config="), overrides)
    assert typed.to_dict() == made.config().to_dict()
    assert typed.dataset.size == 128 and typed.dataset.data_dir == "clips"
    assert typed.generator.attention_at == ("encoder",)
    assert (typed.generator.skips, typed.generator.c_cal) == ("sum", 8)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "synthetic"),
        ({"data_dir": "d"}, "sky"),
        ({"table": "beach", "data_dir": "d"}, "tiny_videos"),
        ({"table": "beach"}, "synthetic"),
        ({"data_dir": "d", "dataset": "video_folder"}, "video_folder"),
    ],
)
def test_the_data_set(tmp_path, more, expected):
    chosen = options(tmp_path, **more)
    assert chosen.clips == expected
    assert plan.make_plan(ROW, chosen).config().dataset.name == expected


def test_seeds_have_folders_of_their_own(tmp_path):
    assert options(tmp_path).runs == [None]
    several = options(tmp_path, seeds=2)
    assert several.runs == [0, 1]
    made = [plan.make_plan(ROW, several, seed=seed) for seed in several.runs]
    assert [x.workdir for x in made] == [tmp_path / "a" / "seed0", tmp_path / "a" / "seed1"]
    assert [x.config().seed for x in made] == [0, 1]
    assert plan.make_plan(ROW, options(tmp_path)).workdir == tmp_path / "a"


def test_steps_replace_the_budgets(tmp_path):
    for budget in budgets.NAMES:
        made = plan.make_plan(ROW, options(tmp_path, budget=budget, steps=7))
        assert made.config().num_steps == 7


def test_size_is_the_rows_where_it_has_one(tmp_path):
    sizes = {
        budget: [plan.make_plan(row, options(tmp_path, budget=budget)).config().dataset.size
                 for row in (ROW, SUM)]
        for budget in budgets.NAMES
    }  # fmt: skip
    assert sizes == {"tiny": [32, 64], "small": [64, 128], "full": [128, 128]}


def test_overrides_go_to_the_rows_that_have_the_key(tmp_path):
    given = ("--config.dataset.size=32", "--config.generator.gate=none_zero_init")
    chosen = options(tmp_path, overrides=(*given, "--config.generator_losses.ssim=2"))
    found = plan.make_plan(ROW, chosen).config()
    assert (found.dataset.size, found.generator.gate) == (32, "none_zero_init")
    assert found.generator_losses.ssim == 2
    other = plan.make_plan(Row("v", "V", "vgan"), chosen)
    assert not any("gate" in override for override in other.overrides)
    assert other.config().dataset.size == 32


def test_an_override_of_no_row_is_refused(tmp_path):
    chosen = options(tmp_path, overrides=("--config.generator.gaet=gamma",))
    with pytest.raises(ValueError, match=r"generator\.gaet=gamma: no row of the table cloud has"):
        plan.check_overrides([ROW, SUM], chosen)
    plan.check_overrides([ROW], options(tmp_path, overrides=("--config.generator.gate=gamma",)))


def test_a_row_starts_from_the_same_seed_of_another(tmp_path, monkeypatch):
    row = Row("b", "B", "ssagan", starts_from="a")
    made = plan.make_plan(row, options(tmp_path, seeds=2), seed=1)
    assert made.overrides[-1] == f"--config.start_from.generator={tmp_path}/a/seed1"
    made = plan.make_plan(row, options(tmp_path))
    assert made.overrides[-1] == f"--config.start_from.generator={tmp_path}/a"


def test_metrics_are_scored_by_the_training_itself(tmp_path):
    made = plan.make_plan(ROW, options(tmp_path, metrics=("lpips_alex", "fvd")))
    assert "--config.metrics=('lpips_alex', 'fvd')" in made.overrides


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"budget": "large"}, 'Unknown budget "large". Known: tiny, small, full.'),
        ({"seeds": 0}, "--seeds is 0; expected 1 or more."),
        ({"steps": -1}, "--steps is -1; expected 0 or more."),
        ({"statistics": "mean"}, 'Unknown --statistics="mean". Known: running, batch.'),
    ],
)
def test_options_that_cannot_work(tmp_path, more, message):
    with pytest.raises(ValueError, match=message):
        options(tmp_path, **more)
