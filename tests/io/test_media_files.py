"""What in a folder is a picture, a video, or nobody's."""

import os
from pathlib import Path

import pytest

from ssagan_jax.io import media_files


@pytest.mark.parametrize("name", ["a.jpg", "a.JPG", "a.jpeg", "b.TIFF", "c.heic", "d.JPE"])
def test_pictures_by_their_names(name):
    assert media_files.is_photo(Path(name)) and not media_files.is_video(Path(name))


@pytest.mark.parametrize("name", ["a.mp4", "a.MOV", "a.mts", "b.gif", "c.MKV"])
def test_videos_by_their_names(name):
    assert media_files.is_video(Path(name)) and not media_files.is_photo(Path(name))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "._a.jpg",
            ".DS_Store",
            ".thumbnails",
            "@eaDir",
            "Thumbs.db",
            "desktop.ini",
            "$RECYCLE.BIN",
        ),
        *(
            "lost+found",
            "#recycle",
            ".Trash-1000",
            "__MACOSX",
            "Icon\r",
            "System Volume Information",
        ),
    ],
)
def test_clutter(name):
    assert media_files.is_clutter(name)
    assert not media_files.is_clutter("frame_" + name.strip("."))


def test_files_in_a_folder(tmp_path):
    for name in ("b.MP4", "a.mp4", ".hidden.mp4", "._a.mp4", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.mp4").mkdir()
    os.mkfifo(tmp_path / "pipe.mp4")
    found = media_files.files_in(tmp_path, media_files.VIDEO_SUFFIXES)
    assert [path.name for path in found] == ["a.mp4", "b.MP4"]


def test_what_is_neither_file_nor_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    kinds = {path.name: media_files.unusual_kind(path) for path in (tmp_path, *tmp_path.iterdir())}
    assert kinds.pop(tmp_path.name) is None
    expected = {"pipe": "a pipe, not a file", "broken": "a link to nothing"}
    assert kinds == {**expected, "file": None, "link": None}
    assert media_files.unusual_kind(Path("/dev/null")) == "a device, not a file"


def test_names_for_any_terminal():
    assert media_files.printable(os.fsdecode(b"caf\xe9/\xc3\xa9.jpg")) == r"caf\xe9/é.jpg"
    assert media_files.printable("a\x1b[31m\n.jpg") == r"a\x1b[31m\n.jpg"
    assert media_files.printable(Path("a b.jpg")) == "a b.jpg"
