"""One network read from a checkpoint, and nothing else taken for it."""

import json
import shutil
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.checkpoints.array_trees import digest
from ssagan_jax.checkpoints.networks import (
    load_generator,
    load_network,
    read_config,
)
from ssagan_jax.config import loading
from ssagan_jax.config.schema import Config, NetworkConfig
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.full_checkpoints import can_resume
from tests.helpers.runs import save
from tests.helpers.stubs import drawn_state, equal, leaves


@pytest.fixture(scope="module")
def trained():
    """The configuration of a real model, and two states of it: without and with an average."""
    settings = loading.load("configs/ssagan.py:tiny").to_dict()
    settings["generator"]["features"] = settings["discriminator"]["features"] = 1
    settings["generator"]["attention_at"] = ["encoder3"]
    states = []
    for decay in (0.0, 0.9):
        gan = build_gan(Config.from_json({**settings, "ema_decay": decay}))
        state = jax.tree.map(jnp.asarray, drawn_state(gan, seed=5))
        if decay:
            averages = jax.tree.map(lambda x: x + 1, (state.ema_params, state.ema_stats))
            state = state.replace(ema_params=averages[0], ema_stats=averages[1])
        states.append(state)
    return json.loads(json.dumps(settings)), states


@pytest.fixture(scope="module")
def runs(trained, tmp_path_factory):
    """The workdirs of two runs: without average (steps 9 and 10) and with one (step 10)."""
    settings, (plain, averaged) = trained
    workdirs = [tmp_path_factory.mktemp(name) for name in ("plain", "averaged")]
    save(workdirs[0], (9, 10), state=plain, settings=settings).close()
    save(workdirs[1], (10,), state=averaged, settings=settings).close()
    return workdirs


def test_a_workdirs_generator_is_the_latest_steps(runs, trained):
    network, variables, info = load_generator(runs[0])
    assert network == NetworkConfig.from_json(trained[0], "generator")
    assert read_config(Path(info["path"])) == trained[0]
    assert equal(variables, trained[1][0].generator.variables)
    assert all(isinstance(x, np.ndarray) for x in leaves(variables).values())
    assert info["step"] == "10"
    assert info["path"] == str(runs[0] / "checkpoints" / "10")
    assert info["hash"] == digest(variables)


def test_one_checkpoints_generator(runs):
    _, _, info = load_generator(runs[0] / "checkpoints" / "9")
    assert info["step"] == "9"


def test_the_average_is_preferred(runs, trained):
    state = trained[1][1]
    _, variables, _ = load_generator(runs[1])
    assert equal(variables["params"], state.ema_params)
    assert not equal(variables["params"], state.generator.params)
    assert equal(variables["batch_stats"], state.ema_stats["batch_stats"])
    assert not equal(variables["batch_stats"], state.generator.stats["batch_stats"])
    assert equal(variables["spectral"], state.generator.stats["spectral"])
    assert equal(variables, state.inference)


def test_only_generator_and_config_are_needed(runs, tmp_path):
    folder = runs[0] / "checkpoints" / "10"
    for name in ("generator", "config"):
        shutil.copytree(folder / name, tmp_path / "small" / name)
    assert load_generator(tmp_path / "small")[2]["hash"] == load_generator(folder)[2]["hash"]


def test_either_network_alone(runs, trained):
    settings, (plain, averaged) = trained
    item, options, folder = load_network(runs[0] / "checkpoints" / "9", "discriminator")
    assert equal(item, {"params": plain.discriminator.params, "stats": plain.discriminator.stats})
    assert options == settings["discriminator"]
    assert folder == str(runs[0] / "checkpoints" / "9")
    item, options, folder = load_network(runs[1], "generator")
    assert equal(item["params"], averaged.ema_params)  # as load_generator has it
    assert equal(item["stats"], {**averaged.generator.stats, **averaged.ema_stats})
    assert options == settings["generator"]
    assert folder == str(runs[1] / "checkpoints" / "10")


def test_whether_a_run_goes_on(runs, tmp_path):
    assert can_resume(runs[0])
    assert not can_resume(tmp_path)
    assert not can_resume(runs[0] / "checkpoints" / "9")  # a checkpoint, and no workdir


def test_a_checkpoint_of_another_model_than_its_config_says(runs, trained, tmp_path):
    settings, (plain, _) = trained
    other = {**settings, "generator": {**settings["generator"], "features": 2}}
    save(tmp_path, (1,), state=plain, settings=other).close()
    with pytest.raises(ValueError, match=r"shape: params/\S+ is .*, expected .*") as error:
        load_generator(tmp_path)
    assert f"The checkpoint {tmp_path / 'checkpoints' / '1'} is of another model" in str(
        error.value
    )


def test_a_folder_that_is_no_checkpoint_of_ours(tmp_path):
    (tmp_path / "generator").mkdir()
    with pytest.raises(FileNotFoundError, match="No checkpoint in"):
        load_generator(tmp_path)
    (tmp_path / "config").mkdir()
    with pytest.raises(ValueError, match="is not a checkpoint of ssagan: no readable config"):
        load_generator(tmp_path)


def test_a_damaged_generator_of_an_earlier_version_is_named(runs, tmp_path):
    folder = tmp_path / "checkpoints" / "3"
    shutil.copytree(runs[0] / "checkpoints" / "9", folder)
    (folder / "manifest.json").unlink()
    for path in (folder / "generator").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ValueError, match="generator cannot be read: it is damaged"):
        load_generator(tmp_path)


def test_numbers_that_are_not_finite_are_refused(trained, tmp_path):
    settings, (plain, _) = trained
    params = jax.tree.map(lambda x: x.at[(0,) * x.ndim].set(jnp.nan), plain.generator.params)
    state = plain.replace(generator=plain.generator.replace(params=params))
    save(tmp_path, (3,), state=state, settings=settings).close()
    message = r"3/generator: params/\S+ \(and \d+ more arrays\) holds numbers that are not finite"
    with pytest.raises(ValueError, match=message):
        load_generator(tmp_path)
    with pytest.raises(ValueError, match=message):
        load_network(tmp_path, "generator")
    load_network(tmp_path, "discriminator")
