"""Archives: what belongs to the data set arrives, and nothing leaves the folder."""

import tarfile
import zipfile

import pytest

from ssagan_jax.data.building.unpacking import place_below, unpack
from tests.helpers.tarballs import packed

ROOTS = ("sky_train", "sky_test")
FILES = {
    "timelapse/sky_train/a/a_1/1.jpg": b"one",
    "timelapse/sky_test/b/b_1/1.jpg": b"two",
    "timelapse/readme.txt": b"words",
    "__MACOSX/timelapse/sky_train/a/a_1/1.jpg": b"junk",
    "timelapse/sky_train/a/a_1/._1.jpg": b"junk",
}


def make_archive(path, files=FILES):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.mkdir("timelapse")
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    return packed(path, files)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["set.zip", "set.tar.gz"])
def test_what_is_below_the_roots_is_unpacked(tmp_path, name):
    assert unpack(make_archive(tmp_path / name), tmp_path / "to", roots=ROOTS) == 2
    assert contents(tmp_path / "to") == {
        "sky_train/a/a_1/1.jpg": b"one",
        "sky_test/b/b_1/1.jpg": b"two",
    }


def test_an_archive_named_after_a_root_is_its_contents(tmp_path):
    archive = make_archive(tmp_path / "sky_test.zip", {"b/b_1/1.jpg": b"two"})
    unpack(archive, tmp_path / "to", roots=ROOTS)
    assert contents(tmp_path / "to") == {"sky_test/b/b_1/1.jpg": b"two"}


def test_what_is_whole_is_not_written_again(tmp_path):
    archive, folder = make_archive(tmp_path / "set.zip"), tmp_path / "to"
    unpack(archive, folder, roots=ROOTS)
    kept, missing = folder / "sky_train/a/a_1/1.jpg", folder / "sky_test/b/b_1/1.jpg"
    kept.write_bytes(b"ONE")  # as long as before: told from one that is written again
    missing.write_bytes(b"t")
    unpack(archive, folder, roots=ROOTS)
    assert (kept.read_bytes(), missing.read_bytes()) == (b"ONE", b"two")


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
def test_nothing_leaves_the_folder(tmp_path, suffix):
    archive = make_archive(tmp_path / f"set{suffix}", {"sky_train/../../out.jpg": b"x"})
    with pytest.raises(ValueError, match=r"out\.jpg' leads out of its folder: refused"):
        unpack(archive, tmp_path / "to", roots=ROOTS)
    assert not (tmp_path / "out.jpg").exists()


@pytest.mark.parametrize("name", ["sky_train/..\\..\\out.jpg", "sky_train/C:\\out.jpg"])
def test_names_of_windows_leave_it_neither(name):
    with pytest.raises(ValueError, match="leads out"):
        place_below(name, ROOTS)


def test_links_are_refused(tmp_path):
    path = tmp_path / "set.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("sky_train/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(ValueError, match="link, a link or a device: refused"):
        unpack(path, tmp_path / "to", roots=ROOTS)


@pytest.mark.parametrize("name", ["set.zip", "set.tar.gz"])
def test_half_an_archive_is_refused(tmp_path, name):
    path = make_archive(tmp_path / name)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=f"{name} is damaged or no archive"):
        unpack(path, tmp_path / "to", roots=ROOTS)


def test_an_archive_of_something_else_is_refused(tmp_path):
    archive = make_archive(tmp_path / "set.zip", {"words.txt": b"x"})
    with pytest.raises(ValueError, match="has no file below sky_train or sky_test"):
        unpack(archive, tmp_path / "to", roots=ROOTS)
