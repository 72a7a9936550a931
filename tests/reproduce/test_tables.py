"""The tables as data: every row can be asked for, at every budget."""

from functools import partial

import jax
import numpy as np
import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.evaluation.winds import KINDS
from ssagan_jax.reproduce import budgets, plan, tables
from ssagan_jax.training import flops
from ssagan_jax.training.compilation import abstract_batch
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.state import create
from ssagan_jax.training.step import discriminator_step, generator_step
from tests.helpers.stubs import train_step

TRAINED = [name for name in tables.NAMES if name != "pos"]
ROWS = {row.name: (table, row) for table in TRAINED for row in tables.list_rows(table)}


def made(name, budget, tmp_path, **options):
    """A row's configuration."""
    table, row = ROWS[name]
    options = plan.Options(table=table, workdirs=tmp_path, budget=budget, **options)
    return plan.make_plan(row, options).config()


TRAINABLE = [name for name, (_, row) in ROWS.items() if row.config]


def test_folders_are_unique_over_all_tables():
    assert len(ROWS) == sum(len(tables.list_rows(table)) for table in TRAINED)


def test_a_row_comes_after_the_one_it_starts_from():
    for table in TRAINED:
        names = [row.name for row in tables.list_rows(table)]
        for row in tables.list_rows(table):
            if row.starts_from:
                assert row.starts_from in names[: names.index(row.name)]


def test_the_posters_numbers():
    quoted = {row.label: tuple(row.poster.values()) for row in tables.CLOUD if row.poster}
    assert quoted["MD-GAN Stage I"] == (0.0970, 16.9019, 0.3583)
    assert quoted["MD-GAN Stage II"] == (0.0307, 22.7372, 0.5920)
    assert quoted["SSA-GAN, poster's recipe"] == (0.0232, 24.9100, 0.6805)
    assert quoted["SSA-GAN, authors' recipe"] == (0.0232, 24.9100, 0.6805)
    assert [tuple(row.poster.values()) for row in tables.BEACH if row.poster] == [
        (0.1849, 7.7988, 0.5143),
        (0.0958, 11.5586, 0.6035),
        (0.0422, 16.1951, 0.8019),
        (0.0379, 23.6601, 0.7320),
        (0.0374, 25.6432, 0.7346),
    ]


def test_nothing_of_ours_claims_to_be_a_or_b():
    for row in tables.BEACH:
        assert bool(row.config) != row.label.startswith("Ours")
        assert not (row.config == "ssagan" and row.poster)


def test_attention_rows():
    wanted = {
        ("none", "gamma"),
        *((kind, gate) for kind in ("per_frame", "shared", "spatiotemporal")
          for gate in ("gamma", "none_zero_init")),
        ("shared", "none_normal_init"),
    }  # fmt: skip
    rows = [row.arguments for row in tables.list_rows("attention")]
    assert {(x["attention"], x.get("gate", "gamma")) for x in rows} == wanted
    assert len(rows) == len(wanted)


def test_gamma_rows():
    rows = {row.name: row.arguments for row in tables.list_rows("gamma") if row.config}
    starts = {(x["attention"], x["start"]) for name, x in rows.items() if name != "gamma_none"}
    kinds = ("per_frame", "shared", "spatiotemporal")
    assert starts == {(kind, start) for kind in kinds for start in ("zero", "one", "fast")}
    assert rows["gamma_none"] == {"attention": "none"}


def test_the_authors_recipe_stands_also_with_as_many_generator_updates(tmp_path):
    updates = {}
    for name in ("ssagan", "ssagan_author", "ssagan_author_equal"):
        schedule = resolve(made(name, "small", tmp_path)).schedule
        updates[name] = schedule.generator_updates(schedule.num_steps)
    assert updates == {"ssagan": 400, "ssagan_author": 80, "ssagan_author_equal": 400}


@pytest.mark.slow  # traces four trainings
def test_one_stage_and_two_have_the_same_arithmetic(tmp_path):
    total = {}
    for name in (row.name for row in tables.STAGES):
        overrides = ("--config.dataset.size=32",)
        config = resolve(made(name, "small", tmp_path, overrides=overrides))
        gan, schedule = build_gan(config), config.schedule
        of = jax.eval_shape(partial(create, gan), 0), abstract_batch(gan, schedule.batch_size)
        both = [partial(step, gan) for step in (discriminator_step, generator_step)]
        total[name] = schedule.num_steps * sum(flops.count(step, *of) for step in both)
    two = total.pop("stages_first") + total.pop("stages_second")
    assert {name: value / two for name, value in total.items()} == pytest.approx(
        dict.fromkeys(total, 1), rel=0.01
    )


def test_losses_rows():
    names = ("vanilla", "wasserstein", "wasserstein_sigmoid", "hinge")
    rows = [row.arguments for row in tables.list_rows("losses")]
    assert [(x["loss"], x.get("ssim", "false")) for x in rows] == [
        (name, ssim) for name in names for ssim in ("false", "true")
    ]


def test_wind_rows():
    """Three trainings; every other row shows one of their runs, or a bound, and says what it is."""
    rows = {row.name: row for row in tables.WIND}
    trained = [row.name for row in tables.WIND if row.config]
    assert trained == ["wind_direct", "wind_residual", "wind_warp"]
    assert [rows[name].arguments["output"] for name in trained] == ["direct", "residual", "warp"]
    for row in tables.WIND:
        assert row.run in ("", *trained, "wind_bounds")
        assert row.shows and not row.is_quote
        assert row.label.startswith("bound: ") == row.is_bound == (row.folder == "wind_bounds")
        assert ("(from the true clip)" in row.label) == (row.shows == "wind_given")
    shown = [row.shows for row in tables.WIND if row.folder == "wind_warp"]
    assert shown == [*KINDS, "draws_mean", "draws_best"]


def test_the_trainings_of_rows():
    rows = tables.select_rows("wind", "wind_warp_none,wind_warp_best,wind_bounds_vector")
    assert [row.name for row in tables.list_trainings("wind", rows)] == ["wind_warp", "wind_bounds"]
    assert tables.list_trainings("cloud", tables.CLOUD[1:3]) == tables.CLOUD[1:3]


def test_unknown_tables_and_rows_are_refused():
    with pytest.raises(
        ValueError, match=r'Unknown table "clouds"\. Known: cloud, stages, beach, pos, atten'
    ):
        tables.list_rows("clouds")
    with pytest.raises(ValueError, match=r'has no row "mdgan3"\. Its rows: unet, mdgan1, mdgan2'):
        tables.select_rows("cloud", "unet,mdgan3")


def test_rows_are_selected_in_the_tables_order():
    assert [row.name for row in tables.select_rows("cloud", "mdgan2, unet")] == ["unet", "mdgan2"]
    assert tables.select_rows("cloud", "") == tables.CLOUD


@pytest.mark.parametrize("name", TRAINABLE)
def test_every_row_has_the_same_small_budget(name, tmp_path):
    found = made(name, "small", tmp_path)
    row = ROWS[name][1]
    size = row.arguments.get("size", budgets.SMALL_SIZE)
    assert (found.dataset.size, found.dataset.frames, found.dataset.frame_step) == (size, 16, 2)
    assert (found.batch_size, found.ema_decay) == (4, 0.99)
    assert found.num_steps == round(400 * row.length)
    assert found.generator.features == found.discriminator.features == 16
    output = row.arguments.get("output", "residual")
    assert found.generator.get("output", output) == output
    assert found.dataset.flip
    build_gan(resolve(found))  # refuses what cannot work


@pytest.mark.parametrize("name", TRAINABLE)
def test_every_row_runs_tiny(name, tmp_path):
    found = made(name, "tiny", tmp_path)
    assert found.dataset.size <= 64 and found.dataset.frames == 8
    assert found.n_critic <= found.num_steps <= 20
    assert found.dataset.name == "synthetic"
    build_gan(resolve(found))


@pytest.mark.parametrize("name", TRAINABLE)
def test_full_is_the_configs_own(name, tmp_path):
    _, row = ROWS[name]
    found = made(name, "full", tmp_path)
    given = budgets.join_arguments({"dataset": "synthetic", **row.arguments})
    own = loading.load(f"{row.config}:{given}", row.overrides)
    with own.unlocked():
        own.num_steps = round(row.length * own.num_steps)
        if row.starts_from:
            own.start_from.generator = str(tmp_path / row.starts_from)
    assert found.to_dict() == own.to_dict()
    assert found.num_steps > 100_000 or row.config == "wind"


# One row for each thing that rows differ in; the whole is in test_whole.py.
MECHANISMS = [
    "beach_ssagan64_sum",
    "attention_shared_none_normal_init",
    "attention_spatiotemporal_none_zero_init",
    "losses_wasserstein_sigmoid_ssim",
    "losses_hinge",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", MECHANISMS)
def test_a_tiny_training_step_fits(name, tmp_path):
    settings = resolve(made(name, "tiny", tmp_path))
    gan, size = build_gan(settings), settings.dataset.size
    clip = jax.ShapeDtypeStruct((settings.schedule.batch_size, 8, size, size, 3), np.uint8)
    state = jax.eval_shape(partial(create, gan), 0)
    _, found = jax.eval_shape(
        partial(train_step, gan, update_generator=True), state, {"clip": clip}
    )
    assert {f"g/{loss}" for loss in settings.generator_losses} <= found.keys()
