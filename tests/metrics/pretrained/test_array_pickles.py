"""Pickles of arrays are read; a pickle that would run code does not."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from ssagan_jax.metrics.pretrained.array_pickles import read_arrays


def written(path, content, *, protocol=4):
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [3, 4])
def test_dictionaries_of_arrays_are_flattened(tmp_path, protocol):
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    tree = {"conv": {"kernel": kernel, "inner/name": {"bias": kernel[0]}}, "top": kernel[:1]}
    found = read_arrays(written(tmp_path / "a.ckpt", tree, protocol=protocol))
    assert list(found) == ["conv/kernel", "conv/inner/name/bias", "top"]
    np.testing.assert_array_equal(found["conv/kernel"], kernel)
    np.testing.assert_array_equal(found["conv/inner/name/bias"], kernel[0])


def test_old_numpy_name(tmp_path):
    """Files of NumPy 1 say numpy.core; importing that name warns today."""
    data = pickle.dumps({"a": np.ones(3, np.float32)}, protocol=3)
    old = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    path = tmp_path / "a.ckpt"
    path.write_bytes(old)
    assert b"numpy.core.multiarray" in old
    np.testing.assert_array_equal(read_arrays(path)["a"], [1, 1, 1])


class Touch:
    """Unpickled by an ordinary unpickler, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_code_is_not_run(tmp_path):
    trace = tmp_path / "was_here"
    path = written(tmp_path / "a.ckpt", {"a": Touch(trace)})
    with pytest.raises(ValueError, match=r"a\.ckpt was not read: it names .*only NumPy arrays"):
        read_arrays(path)
    assert not trace.exists()
    pickle.loads(path.read_bytes())  # what is refused above does run code
    assert trace.exists()


@pytest.mark.parametrize(
    "name", ["builtins\neval", "os\nsystem", "numpy\nload", "numpy.core.multiarray\nscalar"]
)
def test_other_names_are_refused(tmp_path, name):
    path = tmp_path / "a.ckpt"
    path.write_bytes(f"c{name}\n.".encode())
    with pytest.raises(ValueError, match=rf"it names {name.replace(chr(10), '.')};"):
        read_arrays(path)


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps({"a": 1})[:-4]])
def test_files_that_are_no_pickles(tmp_path, content):
    path = tmp_path / "a.ckpt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.ckpt was not read"):
        read_arrays(path)


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [(3, "int"), (np.ones(2), "float64"), (np.array([{}], object), "object")],
)
def test_other_contents_are_refused(tmp_path, leaf, kind):
    path = written(tmp_path / "a.ckpt", {"conv": {"kernel": leaf}})
    with pytest.raises(ValueError, match=f'holds {kind} at "conv/kernel"; only float32'):
        read_arrays(path)
