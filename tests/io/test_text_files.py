"""What is wrong with a small file is said with its name."""

import pytest

from ssagan_jax.io.text_files import read_json, read_text


def test_what_is_there_is_read(tmp_path):
    (tmp_path / "a.json").write_text('{"a": "\u00e4"}', encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"a": "\u00e4"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_damaged_is_named(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.json is damaged, or no "):
        read_json(tmp_path / "a.json")


def test_so_is_what_is_no_text_or_not_there(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match=r"list\.txt is damaged, or no text in UTF-8"):
        read_text(tmp_path / "list.txt")
    with pytest.raises(OSError, match=r"none\.txt"):
        read_text(tmp_path / "none.txt")
