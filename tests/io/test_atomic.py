"""A file is the old one or the new one, whatever happens."""

import pytest

from ssagan_jax.io import atomic


def test_check_writable(tmp_path):
    atomic.check_writable(tmp_path / "a" / "b.mp4")
    assert list((tmp_path / "a").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"Cannot write .*file/out\.mp4: .*Check permissions"):
        atomic.check_writable(tmp_path / "file" / "out.mp4")
    with pytest.raises(OSError, match="is a folder"):
        atomic.check_writable(tmp_path)


def test_replacing_keeps_the_old_file_on_any_failure(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic.replacing(path) as partial:
        partial.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_replacing_makes_folders_and_leaves_one_file(tmp_path):
    path = tmp_path / "a" / "b" / "new.txt"
    with atomic.replacing(path) as partial:
        assert partial.parent == path.parent and partial != path
        partial.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new" and list(path.parent.iterdir()) == [path]


def test_a_folder_is_not_replaced(tmp_path):
    with (
        pytest.raises(OSError, match=r"Cannot write .*: .* is a folder\. Check permissions"),
        atomic.replacing(tmp_path),
    ):
        pass
