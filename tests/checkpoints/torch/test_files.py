"""Reading PyTorch files, which are pickles: nothing in them may run."""

import os
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from ssagan_jax.checkpoints.torch import files  # noqa: E402


@pytest.mark.parametrize("zip_format", [True, False])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_both_formats_with_and_without_the_prefix(tmp_path, zip_format, prefix):
    path, value = tmp_path / "n.pth", torch.arange(6.0).reshape(2, 3).T
    state = {f"{prefix}a.module.weight": value.half(), f"{prefix}count": torch.tensor(3)}
    torch.save(state, path, _use_new_zipfile_serialization=zip_format)
    found = files.read_state_dict(path)
    assert set(found) == {"a.module.weight", "count"}
    assert found["a.module.weight"].dtype == np.float32
    assert np.array_equal(found["a.module.weight"], value)


class Trap:
    """Makes a folder where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("how", ["zip", "legacy", "pickle"])
def test_code_is_refused_and_not_run(tmp_path, how):
    path, trap = tmp_path / "n.pth", Trap(tmp_path / "sprung")
    if how == "pickle":
        path.write_bytes(pickle.dumps({"w": trap}))
    else:
        state = {"w": torch.ones(1), "trap": trap}
        torch.save(state, path, _use_new_zipfile_serialization=how == "zip")
    with pytest.raises(ValueError, match=r"n\.pth is refused: .*Expected names and tensors") as e:
        files.read_state_dict(path)
    if how != "pickle":
        assert "would run code (posix.mkdir), and nothing of it was" in str(e.value)
    assert not trap.path.exists()


def test_a_whole_module_is_refused(tmp_path):
    torch.save(torch.nn.Linear(1, 1), tmp_path / "n.pth")
    with pytest.raises(ValueError, match=r"would run code \(torch\.nn\.modules\.linear\.Linear\)"):
        files.read_state_dict(tmp_path / "n.pth")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a photo, perhaps"])
def test_a_file_of_something_else(tmp_path, content):
    (tmp_path / "n.pth").write_bytes(content)
    with pytest.raises(ValueError, match=r"cannot be read as a PyTorch file of tensors"):
        files.read_state_dict(tmp_path / "n.pth")


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ({"epoch": 3, "state": {}}, r"holds a dictionary of epoch, state\. Expected names"),
        ({}, r"holds a dictionary of nothing\."),
        ([torch.ones(1)], r"holds a list\."),
    ],
)
def test_tensors_in_other_containers(tmp_path, held, message):
    torch.save(held, tmp_path / "n.pth")
    with pytest.raises(ValueError, match=message):
        files.read_state_dict(tmp_path / "n.pth")
