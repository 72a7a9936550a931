"""StableHLO: the file, loaded by the card's lines without this package, gives the model's clips."""

import json
import sys

import jax
import numpy as np
import pytest

from ssagan_jax.export import export
from ssagan_jax.ops import attention
from tests.helpers.exported import FRAMES, SIZE, clips, elsewhere, fields, photos, save
from tests.helpers.stubs import count


def exported(workdir, tmp_path, **options):
    output = export(workdir, tmp_path / "sky.stablehlo", format="stablehlo", **options)
    return output, json.loads(output.with_name("sky.stablehlo.json").read_text())


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run"))


@pytest.mark.slow
def test_any_number_of_photos_without_this_package(trained, tmp_path):
    output, card = exported(trained, tmp_path)
    expected = clips(trained, photos(3))
    for number in (3, 1):
        made = elsewhere(tmp_path, card, number)
        assert made.dtype == np.float32 and made.shape == (number, FRAMES, SIZE, SIZE, 3)
        np.testing.assert_allclose(made, expected[:number], atol=1e-5)
    loaded = jax.export.deserialize(bytearray(output.read_bytes()))
    assert loaded.platforms == ("cpu", "cuda", "tpu")
    assert str(loaded.in_avals[0].shape) == f"(b, {SIZE}, {SIZE}, 3)"


@pytest.mark.slow
def test_a_fixed_number_of_photos(tmp_path):
    workdir = save(tmp_path / "run", "rnngan")
    output, card = exported(workdir, tmp_path, batch=2)
    loaded = jax.export.deserialize(bytearray(output.read_bytes()))
    assert loaded.in_avals[0].shape == (2, SIZE, SIZE, 3)
    assert card["input"]["shape"] == [2, SIZE, SIZE, 3]
    np.testing.assert_allclose(loaded.call(photos(2))["clip"], clips(workdir, photos(2)), atol=1e-5)


@pytest.mark.slow
def test_vgan(tmp_path):
    workdir = save(tmp_path / "run", "vgan")
    output, _ = exported(workdir, tmp_path)
    made = jax.export.deserialize(bytearray(output.read_bytes())).call(photos())["clip"]
    np.testing.assert_allclose(made, clips(workdir, photos()), atol=1e-5)


@pytest.mark.slow
def test_the_fields_of_a_model_that_warps(tmp_path):
    workdir = save(tmp_path / "run", output="warp", wind="given", strength=2)
    output, card = exported(workdir, tmp_path)
    made = jax.export.deserialize(bytearray(output.read_bytes())).call(photos(1))
    expected = fields(workdir, photos(1))
    assert made.keys() == {"clip", *expected} and np.abs(made["velocity"]).max() > 1e-3
    for name, values in expected.items():
        np.testing.assert_allclose(made[name], values, atol=1e-4)
        assert card["fields"][name]["shape"] == ["b", *values.shape[1:]]


@pytest.mark.slow
def test_both_stages_of_mdgan(tmp_path):
    workdir = save(tmp_path / "run", "mdgan", stage=2, strength=3.5)
    output, _ = exported(workdir, tmp_path)
    made = jax.export.deserialize(bytearray(output.read_bytes())).call(photos())["clip"]
    np.testing.assert_allclose(made, clips(workdir, photos()), atol=1e-5)


@pytest.mark.slow
def test_attention_in_blocks(trained, tmp_path, monkeypatch):
    expected = clips(trained, photos())
    monkeypatch.setattr(attention, "_BLOCK_BYTES", 2**16)
    loaded = jax.export.deserialize(bytearray(exported(trained, tmp_path)[0].read_bytes()))
    assert "stablehlo.while" in loaded.mlir_module()
    np.testing.assert_allclose(loaded.call(photos())["clip"], expected, atol=1e-5)


def test_what_the_machine_has_does_not_matter(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(attention, "_BLOCK_BYTES", 2**16)
    files = []
    for backend in ("cpu", "gpu"):
        monkeypatch.setattr(jax, "default_backend", lambda backend=backend: backend)
        files.append(exported(trained, tmp_path / backend)[0].read_bytes())
    assert files[0] == files[1]


def test_no_path_of_this_machine_is_in_the_file(trained, tmp_path):
    assert b"ssagan_jax/" not in exported(trained, tmp_path)[0].read_bytes()


@pytest.mark.slow
def test_a_bfloat16_run_is_exported_in_float32(tmp_path):
    workdir = save(tmp_path / "run", precision="bfloat16")
    output, card = exported(workdir, tmp_path)
    module = jax.export.deserialize(bytearray(output.read_bytes())).mlir_module()
    assert "bf16" not in module and "f32" in module
    assert (card["computes_in"], card["trained_in"]) == ("float32", "bfloat16")


def test_the_weights_are_within_once(tmp_path):
    from ssagan_jax.checkpoints.networks import load_generator

    workdir = save(tmp_path / "run", "mdgan", features=8)
    output, card = exported(workdir, tmp_path)
    weights = 4 * count(load_generator(workdir)[1])
    assert weights <= card["bytes"] <= 1.2 * weights
    assert card["bytes"] == output.stat().st_size


def test_a_missing_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "flatbuffers", None)
    with pytest.raises(ImportError, match="written with flatbuffers: pip install flatbuffers"):
        exported(save(tmp_path / "run", "rnngan"), tmp_path)
