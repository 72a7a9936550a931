"""From a config file to the configuration that a run has."""

import json
import math
import re
from pathlib import Path

import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import MINIMUMS, flattened, resolve
from ssagan_jax.config.schema import Config, WarmStartConfig

ROOT = Path(__file__).parents[2]
CASES = [
    "ssagan.py:recipe=author",
    "mdgan.py:stage=2,start=/runs/stage1",
    "tgan.py:tiny",
    "ablation_loss.py:loss=wasserstein_sigmoid,ssim",
]


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_lost_or_added(case):
    settings = loading.load(f"{ROOT}/configs/{case}")
    found = resolve(settings)
    expected = json.dumps(settings.to_dict(), indent=2)
    assert json.dumps(found.to_json(), indent=2) == expected  # the order too: it is config.json
    assert Config.from_json(json.loads(expected)) == found


@pytest.mark.parametrize("key", MINIMUMS)
def test_numbers_too_small_are_refused(key):
    settings = loading.load("configs/ssagan.py:tiny", [f"--config.{key}={MINIMUMS[key] - 1}"])
    with pytest.raises(
        ValueError, match=rf"config\.{key} is {MINIMUMS[key] - 1}(\.0)?; expected {MINIMUMS[key]}"
    ):
        resolve(settings)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("optimizer.learning_rate", 1e39, "0 to 1"),
        ("optimizer.learning_rate", -2e-4, "0 to 1"),
        ("optimizer.learning_rate", math.nan, "0 to 1"),
        ("optimizer.scale", math.inf, "0 to 10"),
        ("optimizer.b1", 1.0, "0 to below 1"),
        ("ema_decay", 1.0, "0 to below 1"),
        ("generator_losses.l1", math.inf, r"-1e\+06 to 1e\+06"),
        ("discriminator_losses.vanilla", 1e30, r"-1e\+06 to 1e\+06"),
    ],
)
def test_rates_and_weights_that_are_absurd_are_refused(key, value, expected):
    settings = loading.load("configs/ssagan.py:tiny")
    part, _, name = key.rpartition(".")
    (settings[part] if part else settings)[name] = value
    with pytest.raises(ValueError, match=rf"config\.{key} is .*; expected .* {expected}"):
        resolve(settings)


def test_so_is_a_rate_that_grows_beyond_all_bounds():
    settings = loading.load("configs/ssagan.py:tiny")
    settings.optimizer.update(learning_rate=0.01, scale=5.0, boundaries=(10, 20, 30))
    with pytest.raises(ValueError, match=r"learning_rate past the last of its boundaries is 1\.25"):
        resolve(settings)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["updates=both"], 'config.updates is "both"; expected turns or together.'),
        (["updates=together", "n_critic=2"], "n_critic is 2; expected 1, since config.updates is"),
    ],
)
def test_how_updates_follow_each_other(options, message):
    settings = loading.load("configs/ssagan.py:tiny", [f"--config.{one}" for one in options])
    with pytest.raises(ValueError, match=message):
        resolve(settings)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("seed=-1", "config.seed is -1; expected 0 to 2147483647."),
        ("seed=2147483648", "config.seed is 2147483648"),
        ("mesh=data", "config.mesh is ['data']; expected pairs, such as (('data', -1),)."),
        ("mesh=(('data', -1))", "config.mesh is ['data', -1]"),
        ("sharding_rules=('a', 'fsdp')", "config.sharding_rules is ['a', 'fsdp']; expected pairs"),
        ("generator.features=0", "config.generator.features is 0; expected 1 or more."),
        ("dataset.frame_steps=(1.5,)", "config.dataset.frame_steps has 1.5; expected whole numb"),
    ],
)
def test_values_of_which_nothing_can_be_made(option, message):
    settings = loading.load("configs/ssagan.py:tiny", [f"--config.{option}"])
    with pytest.raises(ValueError, match=re.escape(message)):
        resolve(settings)


def test_a_key_that_a_config_file_misspells():
    settings = loading.load("configs/ssagan.py:tiny")
    with settings.unlocked():
        settings.optimizer.learning_rates = 1e-5
    expected = (
        r'"config\.optimizer\.learning_rates"\. Did you mean "config\.optimizer\.learning_rate"'
    )
    with pytest.raises(ValueError, match=expected):
        resolve(settings)


def test_how_deep_skips_go_can_be_set():
    settings = loading.load("configs/ssagan.py:tiny", ["--config.generator.skip_levels=1"])
    assert resolve(settings).generator.options["skip_levels"] == 1
    assert resolve(loading.load("configs/ssagan.py:tiny")).generator.options["skip_levels"] is None


def test_a_policy_that_is_not_known():
    settings = loading.load("configs/ssagan.py:tiny", ["--config.non_finite=ignore"])
    with pytest.raises(ValueError, match=r'is "ignore"; expected stop, skip or rollback'):
        resolve(settings)


def test_the_folder_of_a_data_set_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = loading.load(f"{ROOT}/configs/ssagan.py:tiny", ["--config.dataset.data_dir=here"])
    assert resolve(settings).dataset.data_dir == str(tmp_path / "here")


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_so_does_the_run_it_starts_from(role, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = loading.load(
        f"{ROOT}/configs/ssagan.py:tiny", [f"--config.start_from.{role}=runs/a"]
    )
    asked = {"generator": "", "discriminator": "", role: str(tmp_path / "runs" / "a")}
    assert resolve(settings).warm_start == WarmStartConfig(**asked, untrained=True)


def test_leaves_have_dotted_keys():
    assert flattened({"a": {"b": {"c": 1}, "d": []}}) == {"a.b.c": 1, "a.d": []}
