"""The script that makes the folder for clips on devices."""

import json
import sys

import numpy as np
import pytest

from ssagan_jax.demo import device_files, on_device, runtime_package
from ssagan_jax.export import onnx_file
from tests.helpers.tarballs import MEMBERS, packed, pin


def test_a_folder_that_is_taken(tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(FileExistsError, match=r"exists and is not empty. Choose another folder"):
        on_device.make_device_files(tmp_path)


def test_a_folder_in_a_bucket(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"--output is gs://b/x; expected a path on a disk"):
        on_device.make_device_files("gs://b/x")
    assert list(tmp_path.iterdir()) == []


def test_the_script_tells_errors_in_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["on_device", f"--output={tmp_path}/new", "--tarball=none"])
    monkeypatch.setattr(onnx_file, "check_packages", lambda: None)
    assert on_device.main() == 1
    assert capsys.readouterr().err.startswith("on_device: No tarball at none.")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr(sys, "argv", ["on_device", f"--output={tmp_path}/new"])
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    assert on_device.main() == 1
    assert "needs Python 3.12 or later, not 3.11" in capsys.readouterr().err


def test_a_whole_folder(monkeypatch, tmp_path, capsys):
    """Of a model of this package's, and a tarball made up."""
    pytest.importorskip("jax2onnx", reason="jax2onnx is not installed: docs/export.md")
    import onnxruntime

    from tests.helpers.exported import FRAMES, SIZE, save

    path = packed(tmp_path / "x.tgz", MEMBERS)
    pin(monkeypatch, path)
    workdir, output = save(tmp_path / "run"), tmp_path / "new" / "files"
    options = [f"--output={output}", f"--workdir={workdir}", f"--tarball={path}"]
    monkeypatch.setattr(sys, "argv", ["on_device", *options])
    assert on_device.main() == 0
    assert f"Serve it: ssagan demo --on-device={output}" in capsys.readouterr().out
    assert [item.name for item in output.parent.iterdir()] == ["files"]
    files = device_files.read_device_files(output).files
    told = json.loads(files["device.json"])
    assert sorted(files) == sorted({*told["files"], "device.json"})
    assert {told["model"], *told["wasm"], *told["webgpu"]} <= files.keys()
    assert (told["size"], told["frames"], told["blows"]) == (SIZE, FRAMES, False)
    assert told["versions"]["onnxruntime-web"] == runtime_package.VERSION
    session = onnxruntime.InferenceSession(files["model.onnx"])
    [clip] = session.run(["clip"], {"photo": on_device.probe_photo(SIZE)[None]})
    places = np.arange(on_device.PROBED) * clip.size // on_device.PROBED
    np.testing.assert_allclose(told["probe"], clip.reshape(-1)[places], atol=1e-4)


def test_a_model_whose_clips_are_no_numbers(tmp_path):
    from tests.helpers.exported import save

    workdir = save(tmp_path / "run", strength=1e30)
    with pytest.raises(ValueError, match=r"are no numbers\. Train another model"):
        on_device._compute_probe(workdir)


def test_the_model_of_the_package_can_be_exported():
    from ssagan_jax.checkpoints import bundled
    from ssagan_jax.export import function

    network, _, info = bundled.load_bundled()
    found = function.read_function(None)
    assert (found.size, found.info["hash"]) == (network.size, info["hash"])
