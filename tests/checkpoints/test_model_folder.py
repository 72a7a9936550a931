"""Model folders: what is read is what was written, and what is refused."""

import hashlib
import json

import jax
import numpy as np
import pytest

from ssagan_jax.checkpoints import model_folder
from ssagan_jax.checkpoints.array_trees import digest
from ssagan_jax.io.sealed_json import read_sealed, seal

CONFIG = {
    "dataset": {"size": 32, "frames": 8},
    "generator": {"name": "ssagan", "features": 2},
}
TREE = {
    "params": {"down1": {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3) / 7}},
    "batch_stats": {"down1": {"var": np.array([1e-9, 3e6], np.float32)}},
}


@pytest.fixture
def folder(tmp_path):
    model_folder.write_model(tmp_path, TREE, config=CONFIG, provenance={"step": 40})
    return tmp_path


def describe(folder, **changes):
    """Writes another description."""
    path = folder / model_folder.DESCRIPTION
    path.write_text(json.dumps(seal(read_sealed(path) | changes)))


def test_what_is_read_is_what_was_written_to_the_bit(folder):
    network, variables, info = model_folder.read_model(folder, shapes=TREE)
    assert (network.name, network.options) == ("ssagan", {"features": 2})
    jax.tree.map(np.testing.assert_array_equal, variables, TREE)
    assert info == {"path": str(folder), "step": "40", "hash": digest(TREE)}


def test_a_folder_is_told_by_its_description(folder, tmp_path_factory):
    assert model_folder.is_model_folder(folder)
    assert not model_folder.is_model_folder(tmp_path_factory.mktemp("run"))
    assert not model_folder.is_model_folder("gs://bucket/run")


def test_weights_larger_than_their_shapes_are_not_read(folder):
    path = folder / model_folder.WEIGHTS
    path.write_bytes(bytes(model_folder.largest_file(TREE) + 1))
    with pytest.raises(ValueError, match=r"model\.safetensors has \d+ bytes, expected \d+ at most"):
        model_folder.read_model(folder, shapes=TREE)


def test_a_description_that_is_too_large_is_not_read(folder):
    (folder / model_folder.DESCRIPTION).write_bytes(bytes(2**20 + 1))
    with pytest.raises(ValueError, match=r"model\.json has 1048577 bytes, expected 1048576"):
        model_folder.read_description(folder)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"config": None}, "describes no model: it has no config"),
        ({"provenance": []}, "describes no model: it has no provenance"),
        ({"config": {"dataset": {}}}, "describes no generator: its config has no 'generator'"),
        ({"config": {"generator": {"name": "a"}, "dataset": {"size": 1}}}, "has no 'frames'"),
        ({"config": {"generator": "a", "dataset": {}}}, "describes no generator"),
    ],
)
def test_descriptions_of_something_else(folder, changes, text):
    describe(folder, **changes)
    with pytest.raises(ValueError, match=text):
        model_folder.read_model(folder)


def test_a_description_that_is_too_deep(folder):
    (folder / model_folder.DESCRIPTION).write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"model\.json describes no model: it is too deep"):
        model_folder.read_description(folder)


def test_what_is_no_safetensors_is_refused(folder):
    content = b"\x80\x04pickle"
    (folder / model_folder.WEIGHTS).write_bytes(content)
    describe(folder, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(ValueError, match=r"model\.safetensors holds no arrays that can be read"):
        model_folder.read_model(folder)
