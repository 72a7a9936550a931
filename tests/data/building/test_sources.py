"""What in a folder is footage, what it is called, and in which split it is."""

import pytest

from ssagan_jax.data.building.sources import find_footage


def found_in(folder):
    footage, notes = find_footage(folder, seed=0, expected="footage")
    return footage, {note.path: note.reason for note in notes}


def write_frames(folder, values):
    """Files with a suffix of pictures: nothing is decoded here."""
    folder.mkdir(parents=True)
    for number, value in enumerate(values):
        (folder / f"{number}.jpg").write_bytes(bytes([value]))


def test_nothing_to_read_or_all_outside(tmp_path):
    with pytest.raises(ValueError, match=r"has no video\. Expected footage\."):
        found_in(tmp_path)
    (tmp_path / "test").mkdir()
    write_frames(tmp_path / "other", [1])
    footage, reasons = found_in(tmp_path)
    assert not footage
    assert reasons == {str(tmp_path / "other"): "outside of the folders train and test"}


def test_pictures_beside_videos_are_no_footage(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"a")
    for name in ("a.jpg", "a.mp4.jpg", "a-thumb.jpg", "Cover.JPG", "folder.jpg", "poster2.png"):
        (tmp_path / name).touch()
    (tmp_path / "@eaDir").mkdir()
    (tmp_path / "@eaDir" / "SYNO_1.jpg").touch()
    (tmp_path / ".thumbnails").mkdir()
    (tmp_path / ".thumbnails" / "1.jpg").touch()
    footage, reasons = found_in(tmp_path)
    assert list(footage) == ["a.mp4"]
    assert list(reasons.values()).count("a picture beside videos, not a frame") == 6
    hidden = "passed over as no one's footage: 1 @eaDir, 1 hidden"
    assert reasons[str(tmp_path)] == hidden
    for number in range(2):  # a shot beside the videos
        (tmp_path / f"frame{number}.jpg").touch()
    assert set(found_in(tmp_path)[0]) == {"a.mp4", tmp_path.name}
    (tmp_path / "frame1.jpg").unlink()  # one picture is none
    assert set(found_in(tmp_path)[0]) == {"a.mp4"}


def test_the_same_footage_is_in_one_split(tmp_path):
    for number in range(12):
        write_frames(tmp_path / f"copy{number}", [1, 2])
    write_frames(tmp_path / "other", [3, 4])
    footage, reasons = found_in(tmp_path)
    assert len({item.split for name, item in footage.items() if name != "other"}) == 1
    assert reasons["copy7"] == "the same content as copy0: kept in one split"


def test_test_keeps_what_is_also_in_train(tmp_path):
    for name in ("Train/a", "Train/b", "test/c"):  # in capitals too, as on Windows
        write_frames(tmp_path / name, [1, 2, 3 if name == "Train/b" else 4])
    footage, reasons = found_in(tmp_path)
    assert {name: item.split for name, item in footage.items()} == {
        "Train/b": "train",
        "test/c": "test",
    }
    assert reasons["Train/a"].startswith("the same content as test/c in test, which keeps it")
