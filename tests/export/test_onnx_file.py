"""ONNX: the file, loaded by the card's lines without this package, gives the model's clips."""

import json
import sys

import numpy as np
import pytest

from ssagan_jax.export import export, onnx_file
from ssagan_jax.ops import attention
from tests.helpers.exported import FRAMES, SIZE, clips, elsewhere, fields, photos, save


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run"))


@pytest.fixture
def exported(tmp_path):
    """A function from a workdir to the card of its ONNX file, in ``tmp_path``."""
    for package in ("jax2onnx", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed: docs/export.md")

    def run(workdir, **options):
        export(workdir, tmp_path / "sky.onnx", format="onnx", **options)
        return json.loads((tmp_path / "sky.onnx.json").read_text())

    return run


def session(tmp_path):
    import onnxruntime

    return onnxruntime.InferenceSession(tmp_path / "sky.onnx")


def test_any_number_of_photos_without_this_package(exported, trained, tmp_path):
    card, expected = exported(trained), clips(trained, photos())
    for number in (3, 1):
        made = elsewhere(tmp_path, card, number)
        assert made.dtype == np.float32 and made.shape == (number, FRAMES, SIZE, SIZE, 3)
        np.testing.assert_allclose(made, expected[:number], atol=1e-5)
    [photo], [clip] = session(tmp_path).get_inputs(), session(tmp_path).get_outputs()
    assert photo.shape == ["b", SIZE, SIZE, 3] and clip.shape == ["b", FRAMES, SIZE, SIZE, 3]


def test_one_photo_and_no_loop(exported, trained, tmp_path):
    import onnx

    exported(trained, batch=1)
    operations = {node.op_type for node in onnx.load(tmp_path / "sky.onnx").graph.node}
    assert "Conv" in operations and not operations & {"Loop", "Scan"}
    [clip] = session(tmp_path).run(["clip"], {"photo": photos(1)})
    np.testing.assert_allclose(clip, clips(trained, photos())[:1], atol=1e-5)


def test_attention_in_blocks(exported, trained, tmp_path, monkeypatch):
    expected = clips(trained, photos())
    monkeypatch.setattr(attention, "_BLOCK_BYTES", 2**16)
    exported(trained, batch=2)
    [clip] = session(tmp_path).run(["clip"], {"photo": photos(2)})
    np.testing.assert_allclose(clip, expected[:2], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options"), [("mdgan", dict(stage=2, strength=3.5)), ("rnngan", {})]
)
def test_baselines(exported, tmp_path, name, options):
    workdir = save(tmp_path / "run", name, **options)
    exported(workdir, batch=1)
    [clip] = session(tmp_path).run(["clip"], {"photo": photos(1)})
    np.testing.assert_allclose(clip, clips(workdir, photos())[:1], atol=1e-5)


def test_a_model_that_warps_goes_with_its_likely_wind(exported, tmp_path):
    workdir = save(tmp_path / "run", output="warp", wind="given", strength=2)
    exported(workdir, batch=1)
    [clip] = session(tmp_path).run(["clip"], {"photo": photos(1)})
    expected = clips(workdir, photos())[:1]
    assert np.abs(expected - photos(1)[:, None]).mean() > 0.05  # it moves
    np.testing.assert_allclose(clip, expected, atol=1e-3)  # in noise, by wherever rounding leads
    for name, values in fields(workdir, photos(1)).items():
        [made] = session(tmp_path).run([name], {"photo": photos(1)})
        np.testing.assert_allclose(made, values, atol=1e-4)


def test_a_convolution_that_onnx_has_not(exported, tmp_path):
    workdir = save(tmp_path / "run", "vgan")
    with pytest.raises(ValueError, match=r'"vgan" has a 3-D convolution without a 2-D form .kern'):
        exported(workdir)
    assert {path.name for path in tmp_path.iterdir()} == {"run"}  # nothing half-written


def test_a_python_that_jax2onnx_has_no_version_for(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    with pytest.raises(ImportError, match=r"needs Python 3.12 or later, not 3.11"):
        export(trained, tmp_path / "sky.onnx", format="onnx")


def test_a_missing_package(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    monkeypatch.setitem(sys.modules, "jax2onnx", None)
    with pytest.raises(ImportError, match=r"by jax2onnx: pip install .* --no-deps jax2onnx=="):
        onnx_file.check_packages()
