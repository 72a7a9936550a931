"""Lists as editors of all systems write them."""

import os
import unicodedata

import pytest

from ssagan_jax.data.building.lists import read_list

NAMES = ["videos2/beach/A.mp4/0000.jpg", "videos2/beach/C.mp4/0000.jpg"]


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / "in" / name).parent.mkdir(parents=True)
        (tmp_path / "in" / name).touch()
    return tmp_path / "in"


def listed(tmp_path, folder, content):
    path = tmp_path / "list.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found, odd = read_list(str(path), folder)
    return [file.relative_to(folder).as_posix() for file in found], odd


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, folder, encoding, end):
    content = (end.join(NAMES) + end).encode(encoding)
    assert listed(tmp_path, folder, content) == (NAMES, [])


@pytest.mark.parametrize(
    "line",
    ["{}  ", "\t{}", '"{}"', "'{}'", "/{}", "./{}", "windows", "absolute", "# comment\n\n{}"],
)
def test_ways_to_write_a_path(tmp_path, folder, line):
    name = NAMES[0]
    special = {"windows": name.replace("/", "\\"), "absolute": str(folder / name)}
    found, odd = listed(tmp_path, folder, special.get(line, line.format(name)))
    assert ([(folder / name).resolve()], odd) == ([(folder / file).resolve() for file in found], [])


@pytest.mark.parametrize("name", ["#1.jpg", "a b .jpg ", "back\\slash.jpg", '"quoted".jpg'])
def test_odd_names_that_are_there_are_taken_as_they_are(tmp_path, folder, name):
    (folder / name).touch()
    assert listed(tmp_path, folder, name) == ([name], [])


def test_forms_of_unicode(tmp_path, folder):
    on_disk = unicodedata.normalize("NFD", "é.jpg")
    (folder / on_disk).touch()
    assert listed(tmp_path, folder, unicodedata.normalize("NFC", "é.jpg")) == ([on_disk], [])


def test_names_that_are_no_unicode(tmp_path, folder):
    (folder / os.fsdecode(b"caf\xe9.jpg")).touch()
    assert listed(tmp_path, folder, b"caf\xe9.jpg\n") == ([os.fsdecode(b"caf\xe9.jpg")], [])


def test_what_is_listed_twice_or_not_there(tmp_path, folder):
    found, odd = listed(tmp_path, folder, f"{NAMES[0]}\ngone.jpg\n{NAMES[0]}")
    assert found == NAMES[:1]
    assert [(item.reason, item.kept) for item in odd] == [
        ("listed, but not there", False),
        ("listed again in line 3: taken once, as in line 1", True),
    ]


@pytest.mark.parametrize("line", ["../secret.jpg", "a/../../secret.jpg", "C:\\videos\\a.jpg"])
def test_paths_that_lead_out_are_refused(tmp_path, folder, line):
    (tmp_path / "secret.jpg").touch()
    with pytest.raises(ValueError, match=r'list\.txt, line 2: ".*" leads out of .*Expected paths'):
        listed(tmp_path, folder, f"{NAMES[0]}\n{line}")


def test_what_is_no_list(tmp_path, folder):
    with pytest.raises(ValueError, match=r"list\.txt is no list: it has zero bytes"):
        listed(tmp_path, folder, b"PK\0\0")
    with pytest.raises(FileNotFoundError, match=r"none\.txt does not exist\. Expected a text file"):
        read_list(str(tmp_path / "none.txt"), folder)
