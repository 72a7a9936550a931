"""SavedModel: the folder, loaded by the card's lines without this package, gives its clips."""

import json
import sys

import numpy as np
import pytest

from ssagan_jax.export import export, saved_model
from tests.helpers.exported import FRAMES, SIZE, clips, elsewhere, photos, save


def test_any_number_of_photos_without_this_package(tmp_path):
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    workdir = save(tmp_path / "run")
    output = export(workdir, tmp_path / "sky", format="savedmodel")
    card, expected = json.loads((tmp_path / "sky.json").read_text()), clips(workdir, photos())
    by_signature = card["load"][-1].partition(": ")[2]
    card["load"].append(f"clip = np.stack([clip, {by_signature}])")
    for made in elsewhere(tmp_path, card):
        assert made.dtype == np.float32 and made.shape == (3, FRAMES, SIZE, SIZE, 3)
        np.testing.assert_allclose(made, expected, atol=1e-5)
    assert card["sha256"].keys() >= {"sky/saved_model.pb", "sky/variables/variables.index"}
    assert b"ssagan_jax/" not in (output / "saved_model.pb").read_bytes()
    with pytest.raises(FileExistsError, match="sky exists"):
        export(workdir, output, format="savedmodel")
    (output / "mine").write_text("")
    with pytest.raises(FileExistsError, match="more than a SavedModel"):
        export(workdir, output, format="savedmodel", batch=1, overwrite=True)
    (output / "mine").unlink()
    export(workdir, output, format="savedmodel", batch=1, overwrite=True)
    assert json.loads((tmp_path / "sky.json").read_text())["input"]["shape"] == [1, SIZE, SIZE, 3]


def test_a_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ImportError, match=r"written by TensorFlow: pip install 'ssagan_jax\[tens"):
        saved_model.check_packages()
