"""Typed parts of configurations, of this version and of earlier ones."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ssagan_jax.config.legacy import LEGACY_DEFAULTS
from ssagan_jax.config.schema import (
    Config,
    DatasetConfig,
    EvaluationConfig,
    MeshConfig,
    NetworkConfig,
    WarmStartConfig,
    as_tuples,
)

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))  # config.json of 0.1.0
LATER = ("cache", "crop", "frame_steps", "reverse", "train_windows")  # of data sets since then
LATER_OPTIMIZER = ("gamma_rate",)
LATER_KEYS = (
    "critic_epoch",
    "extra_power_iterations",
    "non_finite",
    "non_finite_limit",
    "trackers",
    "updates",
    "watchdog",
    "watchdog_eval",
    "watchdog_start",
)
TURNS = ("discriminator", "generator")
MODEL = {"dataset": {"size": 32, "frames": 8}, "generator": {"name": "unet", "at": ["a", ["b"]]}}


def without_later_options(config):
    kept = {key: value for key, value in config.items() if key not in LATER_KEYS}
    for group, later in (("dataset", LATER), ("optimizer", LATER_OPTIMIZER)):
        kept[group] = {key: value for key, value in kept[group].items() if key not in later}
    return kept


@pytest.fixture
def stored():
    return json.loads(STORED[0].read_text())


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_config_json_is_written_back_byte_for_byte_but_for_later_options(path):
    text = path.read_text()
    found = without_later_options(Config.from_json(json.loads(text)).to_json())
    version = found.pop("code_version")  # stands last there
    assert json.dumps({**found, "code_version": version}, indent=2) + "\n" == text


def test_each_concern_has_its_keys(stored):
    config = Config.from_json(stored)
    assert (config.seed, config.dataset.size, config.dataset.windows) == (0, 128, "all")
    assert config.optimizer.boundaries == (99495, 121605)
    assert (config.schedule.n_critic, config.schedule.batch_size) == (5, 16)
    assert config.generator.options["attention_at"] == ("encoder", "decoder")
    assert config.generator_losses == {"wasserstein": 1.0, "l1": 1.0, "ssim": 1.0}
    assert config.mesh == MeshConfig() and config.warm_start == WarmStartConfig()
    assert config.evaluation == EvaluationConfig(0, 16, (), every=10_000)
    assert config.output.tensorboard == "tensorboardX"
    assert config.output.trackers == ("tensorboard",)


def test_configurations_of_earlier_versions(stored):
    expected = Config.from_json(stored)
    earlier = {k: v for k, v in stored.items() if k not in (*LEGACY_DEFAULTS, "start_from", "mesh")}
    assert Config.from_json(earlier) == expected


def test_keys_that_nothing_reads_are_kept(stored):
    changed = {**stored, "note": "mine", "optimizer": {**stored["optimizer"], "nesterov": True}}
    config = Config.from_json(changed)
    assert config.extra.items() >= {"note": "mine", "optimizer.nesterov": True}.items()
    assert without_later_options(config.to_json()) == changed


def test_losses_may_be_none(stored):
    config = replace(Config.from_json(stored), generator_losses={})
    assert config.to_json()["generator_losses"] == {}
    assert Config.from_json(config.to_json()) == config


def test_an_option_that_data_sets_do_not_have(stored):
    stored["dataset"]["window"] = "all"
    message = r'key "config\.dataset\.window"\. Did you mean "config\.dataset\.windows"\?'
    with pytest.raises(ValueError, match=message):
        DatasetConfig.from_json(stored)
    assert NetworkConfig.from_json(stored, "generator").size == 128  # who animates needs no data


def test_a_key_that_is_missing(stored):
    del stored["eval_batch_size"]
    with pytest.raises(ValueError, match=r"has no eval_batch_size: it is of no run"):
        EvaluationConfig.from_json(stored)


def test_a_network_of_a_configuration_that_has_no_more():
    network = NetworkConfig.from_json(MODEL, "generator")
    assert network == NetworkConfig("unet", {"at": ("a", ("b",))}, 32, 8)
    assert (network.precision, network.remat) == ("float32", "none")
    other = NetworkConfig.from_json({**MODEL, "precision": "bfloat16"}, "generator")
    assert other == replace(network, precision="bfloat16")


def test_lists_become_tuples_at_any_depth():
    assert as_tuples([1, [2, "ab"], (3, [])]) == (1, (2, "ab"), (3, ()))
    assert as_tuples("ab") == "ab" and as_tuples(None) is None


def test_the_generators_turn_comes_by_steps_or_anew_in_each_epoch(stored):
    schedule = Config.from_json(stored).schedule
    plain = replace(schedule, n_critic=5)
    anew = replace(plain, critic_epoch=2211)
    assert [plain.programs(step) for step in (4, 5)] == [TURNS[:1], TURNS]
    assert replace(plain, n_critic=1, updates="together").programs(1) == ("together",)
    for each, expected in ((plain, 884), (anew, 2 * 442)):
        turns = [step for step in range(1, 2 * 2211 + 1) if each.updates_generator(step)]
        assert len(turns) == each.generator_updates(2 * 2211) == expected
    assert [step for step in range(2205, 2220) if anew.updates_generator(step)] == [
        *(2205, 2210),
        2216,
    ]
    assert [step for step in range(2205, 2220) if plain.updates_generator(step)] == [
        *(2205, 2210),
        2215,
    ]
