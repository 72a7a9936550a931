"""Checkpoints: what is written comes back, and nothing else is taken for it."""

import json
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import SingleDeviceSharding

from ssagan_jax import build, config
from ssagan_jax.checkpoints import (
    Checkpoints,
    can_go_on,
    digest,
    find,
    from_items,
    load_generator,
    load_network,
    to_items,
)
from tests.stubs import drawn_state, equal, leaves, make_gan

SETTINGS = {"dataset": {"size": 12}, "note": "read back as it was"}


def new(seed=0, **changes):
    """A state in which no two arrays are alike."""
    state = drawn_state(make_gan(**{"ema_decay": 0.9, **changes}), seed)
    numbers = iter(range(1, 1000))
    return jax.tree.map(lambda x: jnp.asarray(x + np.asarray(next(numbers), x.dtype)), state)


def abstract(state):
    place = SingleDeviceSharding(jax.devices()[0])
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=place), state)


def save(workdir, steps, *, scores=None, keep=2, state=None, settings=SETTINGS):
    """A manager that has written these steps."""
    manager = Checkpoints(workdir, keep=keep)
    for step in steps:
        data = {"position": step}
        score = (scores or {}).get(step)
        manager.save(step, state or new(step), data=data, config=settings, score=score)
        manager.wait()
    return manager


def kept(workdir):
    return sorted(int(p.name) for p in (workdir / "checkpoints").iterdir() if p.name.isdigit())


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A workdir with the steps 3 and 7."""
    workdir = tmp_path_factory.mktemp("run")
    save(workdir, (3, 7)).close()
    return workdir


@pytest.fixture
def manager(written):
    manager = Checkpoints(written)
    yield manager
    manager.close()


def test_a_state_comes_back_bit_by_bit_with_the_datas_position(manager):
    assert manager.latest == 7
    state, position = manager.restore(7, abstract(new(7)))
    assert equal(state, new(7))
    assert jax.tree.structure(state) == jax.tree.structure(new(7))
    assert {x.dtype for x in leaves(state).values()} == {np.dtype(t) for t in ("f4", "i4", "u4")}
    assert position == {"position": 7}


def test_an_older_step_comes_back_too(manager):
    assert equal(manager.restore(3, abstract(new(3)))[0], new(3))
    assert not equal(new(3), new(7))


def test_items_and_back():
    for state in (new(), new(ema_decay=0.0)):
        assert equal(from_items(to_items(state)), state)
        assert ("ema" in to_items(state)["generator"]) == (state.ema_params is not None)


def test_the_latest_and_the_best_are_kept(tmp_path):
    scores = {2: 20.0, 4: 25.0, 6: 24.0, 8: 23.0}
    manager = save(tmp_path, (2, 4, 5, 6, 7, 8), scores=scores, keep=1)
    assert (manager.latest, manager.best) == (8, 4)
    manager.close()
    assert kept(tmp_path) == [4, 8]
    manager = save(tmp_path, (9, 10), scores={10: 26.0}, keep=1)  # a new process goes on
    assert (manager.latest, manager.best) == (10, 10)
    manager.close()
    assert kept(tmp_path) == [10]


def test_without_a_score_nothing_is_best(tmp_path):
    manager = save(tmp_path, (1, 2, 3), keep=2)
    assert (manager.latest, manager.best) == (3, None)
    manager.close()
    assert kept(tmp_path) == [2, 3]


def test_an_empty_workdir_has_no_checkpoint(tmp_path):
    manager = Checkpoints(tmp_path)
    assert (manager.latest, manager.best) == (None, None)
    manager.close()


def test_what_an_interrupted_save_leaves_is_not_a_checkpoint(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    shutil.copytree(
        tmp_path / "checkpoints" / "7", tmp_path / "checkpoints" / "9.orbax-checkpoint-tmp"
    )
    assert find(tmp_path).name == "7"
    manager = Checkpoints(tmp_path)
    assert manager.latest == 7
    manager.save(9, new(9), data={}, config=SETTINGS)
    manager.wait()
    assert manager.latest == 9
    manager.close()


# Checkpoints of another model


def test_missing_unknown_and_other_shapes_are_listed(manager):
    state = new(7)
    params = dict(state.generator.params)
    params["extra"] = {"bias": jnp.zeros(3)}
    del params["norm"]
    params["dense"] = {"kernel": jnp.zeros((3, 9))}
    state = state.replace(generator=state.generator.replace(params=params))
    with pytest.raises(ValueError, match=r"checkpoints/7/generator is of another model") as error:
        manager.restore(7, abstract(state))
    lines = str(error.value).splitlines()
    assert "  missing: params/extra/bias (3,)" in lines
    assert "  unknown: params/norm/scale (6,)" in lines
    assert "  shape: params/dense/kernel is (3, 6), expected (3, 9)" in lines
    assert lines[-1] == "Use the config it was trained with, or another workdir."


def test_a_run_without_average_is_another_one(manager):
    with pytest.raises(ValueError, match=r"  unknown: ema/dense/kernel \(3, 6\)"):
        manager.restore(7, abstract(new(7, ema_decay=0.0)))


def test_another_optimizer_is_another_run(manager):
    with pytest.raises(ValueError, match=r"checkpoints/7/training .*\n  unknown: optimizers/"):
        manager.restore(7, abstract(new(7, sgd=True)))


def test_a_long_list_is_cut(manager):
    state = new(7)
    params = {f"layer{i:02}": jnp.zeros(1) for i in range(30)}
    state = state.replace(generator=state.generator.replace(params=params))
    with pytest.raises(ValueError, match="another model") as error:
        manager.restore(7, abstract(state))
    lines = str(error.value).splitlines()
    assert len(lines) == 23
    assert lines[-2] == "  and 13 more"  # 30 missing and 3 unknown


# The generator alone


@pytest.fixture(scope="module")
def trained():
    """Settings of a real model, and two states of it: without and with an average."""
    settings = config.load("configs/ssagan.py:tiny").to_dict()
    settings["generator"]["features"] = settings["discriminator"]["features"] = 1
    settings["generator"]["attention_at"] = ["encoder3"]
    states = []
    for decay in (0.0, 0.9):
        gan = build.gan({**settings, "ema_decay": decay})
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
    settings, variables, info = load_generator(runs[0])
    assert settings == trained[0]
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
    assert can_go_on(runs[0])
    assert not can_go_on(tmp_path)
    assert not can_go_on(runs[0] / "checkpoints" / "9")  # a checkpoint, and no workdir


def test_a_workdirs_own_folders_are_no_checkpoint(runs, tmp_path):
    for name in ("generator", "discriminator", "config"):
        (tmp_path / name).mkdir()
    assert not can_go_on(tmp_path)
    shutil.copytree(runs[0] / "checkpoints", tmp_path / "checkpoints")
    assert find(tmp_path) == tmp_path / "checkpoints" / "10"


def test_no_checkpoint(tmp_path):
    message = r"No checkpoint in .*: expected checkpoints/STEP/generator there\. Train one with `ss"
    with pytest.raises(FileNotFoundError, match=message):
        load_generator(tmp_path)
    with pytest.raises(FileNotFoundError, match=message):
        find(tmp_path / "no such folder")


def test_steps_are_compared_as_numbers(tmp_path):
    for name in ("9", "10", "11.orbax-checkpoint-tmp", "12"):
        (tmp_path / "checkpoints" / name / "generator").mkdir(parents=True)
    (tmp_path / "checkpoints" / "12" / "generator").rmdir()
    assert find(tmp_path).name == "10"


def test_a_checkpoint_of_another_model_than_its_config_says(runs, trained, tmp_path):
    settings, (plain, _) = trained
    other = {**settings, "generator": {**settings["generator"], "features": 2}}
    save(tmp_path, (1,), state=plain, settings=other).close()
    with pytest.raises(ValueError, match=r"shape: params/\S+ is .*, expected .*") as error:
        load_generator(tmp_path)
    assert f"The checkpoint {tmp_path / 'checkpoints' / '1'} is of another model" in str(
        error.value
    )


def test_the_digest_is_of_names_shapes_types_and_values():
    tree = {"a": np.arange(6.0), "b": np.zeros(2)}
    others = [
        {"a": np.arange(6.0) * (1 + 1e-12), "b": np.zeros(2)},
        {"c": np.arange(6.0), "b": np.zeros(2)},
        {"a": np.arange(6.0).reshape(2, 3), "b": np.zeros(2)},
        {"a": np.arange(6.0), "b": np.zeros(2, np.int64)},
        {"a": np.arange(6.0)},
    ]
    assert len({digest(t) for t in (tree, *others)}) == 6
    assert digest(tree) == digest(dict(reversed(tree.items())))


def test_a_checkpoint_of_a_generator_alone_cannot_be_trained_further(tmp_path):
    save(tmp_path, (3,)).close()
    for name in ("discriminator", "training", "data"):
        shutil.rmtree(tmp_path / "checkpoints" / "3" / name)
    manager = Checkpoints(tmp_path)
    with pytest.raises(ValueError, match=r"3 has no data, discriminator, training: it can be"):
        manager.restore(3, abstract(new(3)))
    manager.close()
    with pytest.raises(ValueError, match=r"Choose another --workdir; a new run there takes this"):
        can_go_on(tmp_path)


def test_a_folder_that_is_no_checkpoint_of_ours(tmp_path):
    (tmp_path / "generator").mkdir()
    with pytest.raises(FileNotFoundError, match="No checkpoint in"):
        find(tmp_path)
    (tmp_path / "config").mkdir()
    with pytest.raises(ValueError, match="is not a checkpoint of ssagan: no readable config"):
        load_generator(tmp_path)


def test_a_damaged_generator_is_named(tmp_path):
    settings = json.loads(json.dumps(config.load("configs/ssagan.py:tiny").to_dict()))
    save(tmp_path, (3,), settings=settings).close()
    folder = tmp_path / "checkpoints" / "3" / "generator"
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(ValueError, match="generator cannot be read: it is damaged"):
        load_generator(tmp_path)


def test_a_full_disk_is_said_plainly(tmp_path, monkeypatch):
    manager = save(tmp_path, (3,))

    def fail(*args, **kwargs):
        raise ValueError("RESOURCE_EXHAUSTED: ... No space left on device")

    monkeypatch.setattr(manager._manager, "save", fail)
    with pytest.raises(OSError, match=r"The disk is full.*latest: 3.*run the same"):
        manager.save(4, new(4), data={}, config=SETTINGS)
    manager.close()
