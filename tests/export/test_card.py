"""The card beside an export, of a file and of a folder."""

import hashlib
import json

import pytest

from ssagan_jax.export import card
from ssagan_jax.export.function import Function


@pytest.fixture
def function():
    info = {"step": "7", "hash": "abc", "precision": "bfloat16"}
    return Function("ssagan", 32, 8, {}, info, lambda variables, photo: photo)


def test_a_file(function, tmp_path):
    path = tmp_path / "sky.onnx"
    path.write_bytes(b"weights")
    told = card.describe(function, path, format="onnx", batch=None, loading=("load('{name}')",))
    assert told["input"]["shape"] == ["b", 32, 32, 3]
    assert told["output"]["shape"] == ["b", 8, 32, 32, 3]
    assert told["load"] == ["load('sky.onnx')"]
    assert told["sha256"] == {"sky.onnx": hashlib.sha256(b"weights").hexdigest()}
    assert told["checkpoint"] == {"step": "7", "sha256": "abc"}
    assert (told["computes_in"], told["trained_in"]) == ("float32", "bfloat16")
    card.write_card(path, told)
    assert json.loads((tmp_path / "sky.onnx.json").read_text()) == told


def test_a_folder(function, tmp_path):
    folder = tmp_path / "sky"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"12")
    (folder / "variables" / "data").write_bytes(b"345")
    told = card.describe(function, folder, format="savedmodel", batch=2, loading=())
    assert list(told["sha256"]) == ["sky/saved_model.pb", "sky/variables/data"]
    assert told["bytes"] == 5 and told["input"]["shape"][0] == 2
