"""Checkpoints: what is written comes back, and nothing else is taken for it."""

import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import SingleDeviceSharding

from ssagan_jax.checkpoints.finding import find_checkpoint
from ssagan_jax.io import manifests
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.training.full_checkpoints import Checkpoints, can_resume, from_items, to_items
from tests.helpers.flips import flip_bit, largest
from tests.helpers.runs import SETTINGS, new, save
from tests.helpers.stubs import equal, leaves


def abstract(state):
    place = SingleDeviceSharding(jax.devices()[0])
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=place), state)


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
    manager = save(tmp_path, (9, 10, 11), scores={10: 26.0}, keep=1)  # a new process goes on
    assert (manager.latest, manager.best) == (11, 10)
    manager.close()
    assert kept(tmp_path) == [10, 11]


def test_scores_of_earlier_versions_lie_in_each_checkpoint(tmp_path):
    save(tmp_path, (1, 2, 3), scores={3: 20.0}, keep=3).close()
    old = tmp_path / "checkpoints" / "1" / "metrics"
    old.mkdir()
    (old / "metrics").write_text('{"score": 21.0}')
    manager = save(tmp_path, (4, 5), keep=1)
    assert manager.best == 1
    manager.close()
    assert kept(tmp_path) == [1, 5]


def test_without_a_score_nothing_is_best(tmp_path):
    manager = save(tmp_path, (1, 2, 3), keep=2)
    assert (manager.latest, manager.best) == (3, None)
    manager.close()
    assert kept(tmp_path) == [2, 3]


def test_each_has_its_manifest(written):
    for step in ("3", "7"):
        folder = written / "checkpoints" / step
        assert manifests.find_faults(folder) == []
        assert {"generator", "training", "config"} <= {
            name.partition("/")[0] for name in manifests.read_manifest(folder)
        }


def test_a_step_that_is_there_keeps_its_manifest(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    flip_bit(largest(tmp_path / "checkpoints" / "7"), 1000)
    manager = Checkpoints(tmp_path)
    manager.save(7, new(7), data={}, config=SETTINGS)
    manager.wait()
    manager.close()
    assert manifests.find_faults(tmp_path / "checkpoints" / "7")


def test_a_damaged_one_is_not_restored(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    flip_bit(largest(tmp_path / "checkpoints" / "7" / "training"), 1000)
    manager = Checkpoints(tmp_path)
    with pytest.raises(DamagedFile, match=r"checkpoints/7 is damaged \(training/\S+: its SHA-256"):
        manager.restore(7, abstract(new(7)))
    manager.restore(3, abstract(new(3)))
    manager.close()


def test_a_state_that_is_not_finite_is_not_gone_on_from(tmp_path):
    state = new(3)
    params = {**state.generator.params, "norm": {"scale": jnp.full(6, jnp.inf)}}
    state = state.replace(generator=state.generator.replace(params=params))
    manager = save(tmp_path, (3,), state=state)
    with pytest.raises(ValueError, match=r"checkpoints/3: generator/params/norm/scale holds num"):
        manager.restore(3, abstract(state))
    manager.close()


def test_a_damaged_one_of_an_earlier_version_is_named(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "checkpoints" / "7"
    (folder / "manifest.json").unlink()
    (folder / "training" / "_METADATA").write_text("")
    manager = Checkpoints(tmp_path)
    with pytest.raises(DamagedFile, match=r"checkpoints/7\S* cannot be read: it is damaged"):
        manager.restore(7, abstract(new(7)))
    manager.close()


def test_an_empty_workdir_has_no_checkpoint(tmp_path):
    manager = Checkpoints(tmp_path)
    assert (manager.latest, manager.best) == (None, None)
    manager.close()


def test_what_an_interrupted_save_leaves_is_not_a_checkpoint(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    shutil.copytree(
        tmp_path / "checkpoints" / "7", tmp_path / "checkpoints" / "9.orbax-checkpoint-tmp"
    )
    assert find_checkpoint(tmp_path).name == "7"
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


def test_a_checkpoint_of_a_generator_alone_cannot_be_trained_further(tmp_path):
    save(tmp_path, (3,)).close()
    (tmp_path / "checkpoints" / "3" / "manifest.json").unlink()
    for name in ("discriminator", "training", "data"):
        shutil.rmtree(tmp_path / "checkpoints" / "3" / name)
    manager = Checkpoints(tmp_path)
    with pytest.raises(ValueError, match=r"3 has no data, discriminator, training: it can be"):
        manager.restore(3, abstract(new(3)))
    manager.close()
    with pytest.raises(ValueError, match=r"Choose another --workdir; a new run there takes this"):
        can_resume(tmp_path)


def test_a_full_disk_is_said_plainly(tmp_path, monkeypatch):
    manager = save(tmp_path, (3,))

    def fail(*args, **kwargs):
        raise ValueError("RESOURCE_EXHAUSTED: ... No space left on device")

    monkeypatch.setattr(manager._manager, "save", fail)
    monkeypatch.setattr(manager._manager, "close", fail)  # Orbax raises it a second time
    with pytest.raises(OSError, match=r"The disk is full.*latest: 3.*run the same"):
        manager.save(4, new(4), data={}, config=SETTINGS)
    manager.close()
