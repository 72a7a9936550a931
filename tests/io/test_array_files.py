"""Files of arrays that want more memory than they are worth, or something else than numbers."""

import io
import zipfile

import numpy as np
import pytest

from ssagan_jax.io import array_files
from ssagan_jax.io.array_files import read_npz


def header(shape, descr="|u1"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


def packed(path, content, name="clips.npy"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def test_arrays_come_back(tmp_path):
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.uint8([1, 2])}
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    np.testing.assert_equal(read_npz(tmp_path / "a.npz"), arrays)
    np.testing.assert_equal(read_npz(tmp_path / "a.npz", "b"), {"b": arrays["b"]})
    with pytest.raises(ValueError, match=r'a\.npz has no array "c", only: a, b\.'):
        read_npz(tmp_path / "a.npz", "a", "c")


def test_a_small_file_that_would_fill_the_memory_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "FREE", 1000)
    path = packed(tmp_path / "bomb.npz", header((200_000,)) + bytes(200_000))
    with pytest.raises(ValueError, match=r"bomb\.npz would unpack to 200,\d+ bytes, more than"):
        read_npz(path, "clips")
    np.savez(tmp_path / "plain.npz", clips=np.zeros(200_000, np.uint8))  # as large as it is
    assert read_npz(tmp_path / "plain.npz")["clips"].shape == (200_000,)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (header((1 << 40,)) + bytes(10), "declares 1,099,511,627,904 bytes and has"),
        (header((10,)) + bytes(20), "declares 138 bytes and has 148"),
        (header((1,), "|O") + bytes(8), "holds Python objects"),
        (b"\x93NUMPY\x01\x00\x05\x00hello", "is not one of NumPy"),
        (b"", "is not one of NumPy"),
    ],
)
def test_headers_that_do_not_tell_the_truth(tmp_path, content, expected):
    path = packed(tmp_path / "a.npz", content)
    with pytest.raises(ValueError, match=rf"a\.npz {expected}|a\.npz .*{expected}"):
        read_npz(path)


def test_damaged_files(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", clips=np.arange(1000))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    for damage in (content[:-10], content[:300] + bytes(50) + content[350:], b"no zip"):
        (tmp_path / "b.npz").write_bytes(damage)
        with pytest.raises(ValueError, match=r"b\.npz is damaged, or no \.npz file"):
            read_npz(tmp_path / "b.npz")
