"""Slices that are not here: their names, and the step compiled for one."""

import importlib.util
import os
import sys
from types import ModuleType, SimpleNamespace

import jax
import numpy as np
import pytest
from jax.sharding import Mesh

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.distributed import sharding, topologies
from ssagan_jax.training import doctor
from tests.helpers.stubs import make_gan

CHIPS = ["chip"] * 8


@pytest.fixture
def libtpu(monkeypatch):
    """What asks libtpu, and what was asked."""
    asked = []

    def describe(*, platform, topology_name):
        assert os.environ["TPU_SKIP_MDS_QUERY"] == "1"
        assert os.environ["TPU_WORKER_HOSTNAMES"] == "as it was"
        asked.append((platform, topology_name))
        if topology_name.startswith("v9"):
            raise RuntimeError("INVALID_ARGUMENT: Invalid TPU external name\nand more")
        return SimpleNamespace(devices=tuple(CHIPS))

    monkeypatch.setitem(sys.modules, "libtpu", ModuleType("libtpu"))
    monkeypatch.setattr(topologies.topologies, "get_topology_desc", describe)
    monkeypatch.delenv("TPU_SKIP_MDS_QUERY", raising=False)
    monkeypatch.setenv("TPU_WORKER_HOSTNAMES", "as it was")
    return asked


@pytest.mark.parametrize("name", ["v5e:2x4", "v5p:2x2x1", "v4:2x2x1"])
def test_the_chips_of_a_slice(libtpu, name):
    assert topologies.devices(name) == CHIPS
    assert libtpu == [("tpu", name)]
    assert "TPU_SKIP_MDS_QUERY" not in os.environ
    assert os.environ["TPU_WORKER_HOSTNAMES"] == "as it was"


@pytest.mark.parametrize("name", ["8", "v5e", "v5e-8", "h100:2x4", "v5e:2x"])
def test_what_names_no_slice(libtpu, name):
    with pytest.raises(ValueError, match=rf"--topology={name} is not a slice: expected a gener"):
        topologies.devices(name)
    assert libtpu == []


def test_a_slice_that_there_is_not(libtpu):
    message = r"--topology=v9z:2x2: libtpu refuses it: INVALID_ARGUMENT: Invalid TPU external name$"
    with pytest.raises(ValueError, match=message):
        topologies.devices("v9z:2x2")


def test_without_libtpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "libtpu", None)
    with pytest.raises(ImportError, match=r"needs the TPU's compiler \(no TPU\): pip install 'jax"):
        topologies.devices("v5e:2x4")


def test_a_mesh_of_other_devices():
    mesh = sharding.make_mesh((("data", -1),), jax.devices()[:1] * 4)
    assert isinstance(mesh, Mesh) and mesh.devices.shape == (4,)


def test_doctor_compiles_for_the_devices_it_is_given(monkeypatch):
    """For their number, in the forms of their kind."""
    found = []

    def steps(gan, mesh, abstract, shardings, *, batch_size):
        found.append((mesh.devices.tolist(), gan.generator.compute.platform))
        return {}

    monkeypatch.setattr(doctor, "build_gan", lambda settings: make_gan())
    monkeypatch.setattr(doctor, "compile_steps", steps)
    monkeypatch.setattr(doctor.sharding, "make_mesh", fake_mesh)
    monkeypatch.setattr(doctor.sharding, "state_sharding", lambda *_: None)
    settings = resolve(loading.load("configs/ssagan.py:tiny"))
    chips = [SimpleNamespace(platform="tpu", id=n) for n in range(8)]
    doctor.examine(settings, chips)
    assert found == [(chips, "tpu")]


def fake_mesh(axes, devices):
    return SimpleNamespace(devices=np.asarray(devices), axis_names=("data",), size=len(devices))


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("libtpu"), reason="needs libtpu (jax[tpu])")
def test_a_step_compiled_for_a_real_slice():
    options = ["--config.batch_size=16"]
    settings = resolve(loading.load("configs/ssagan.py:tiny", options))
    found = doctor.examine(settings, topologies.devices("v5e:4x4"))["programs"]
    for program in found.values():
        assert program["communication"].keys() == {"all-reduce"}
        assert 0 < program["peak"] < 2**30
        assert 1e5 < program["cycles"] < 1e8
