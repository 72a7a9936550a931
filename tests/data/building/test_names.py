"""Frames in the order in which they were taken, and ids of what has odd names."""

import os
import random
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from ssagan_jax.data.building import names


def ordered(*frames):
    shuffled = random.Random(0).sample(frames, len(frames))
    found, _, notes = names.order_frames(map(Path, shuffled))
    return [path.name for path in found], notes


@pytest.mark.parametrize(
    "frames",
    [
        ("a1b3.jpg", "a1b20.jpg", "a2b1.jpg"),
        ("frame2.jpg", "frame10.jpg"),
        ("IMG_1.JPG", "img_2.jpg", "IMG_3.jpeg"),
        ("x²1.jpg", "x²2.jpg", "x²10.jpg"),  # int("²") fails
        ("0001.jpg", "٣.jpg"),  # digits of other scripts are letters here
        (f"{10**20}.jpg", f"{10**20 + 1}.jpg"),
        ("t_-10.png", "t_-2.png", "t_-1.png", "t_0.png", "t_1.png"),
        ("a-1.png", "a-2.png", "a-10.png"),  # a hyphen, not a minus
        ("2024-05-09 1.jpg", "2024-05-10 1.jpg"),
        tuple(f"DSC_{number:04d}.jpg" for number in (9996, 9998, 9999, 1, 2, 5)),
        tuple(f"DSC_{number:04d}.jpg" for number in (9990, 9995, 0, 5, 10)),
        tuple(f"DSC_{number:04d}.jpg" for number in (100, 101, 7000, 7001)),
        tuple(f"DSC_{number:04d}.jpg" for number in (1, 2, 3, 9000)),
        tuple(f"DSC_{number:04d}.jpg" for number in (1, 2, 3, 5000, 9998, 9999)),
        tuple(f"{number:03d}.jpg" for number in range(1000)),
    ],
)
def test_order(frames):
    found, notes = ordered(*frames)
    assert found == list(frames)
    wraps = "DSC_99" in frames[0]
    assert any("went past its end: begins with" in note for note in notes) == wraps


def photo(path, taken=None):
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    Image.new("RGB", (8, 8)).save(path, format="JPEG", exif=exif)
    return path


@pytest.mark.parametrize(("days", "turned"), [((1, 2), False), ((2, 1), True)])
def test_the_cameras_clock_decides_whether_a_counter_wrapped(tmp_path, days, turned):
    """Two series in one folder look like one whose counter went past its end."""
    dates = {1: days[0], 2: days[0], 9998: days[1], 9999: days[1]}
    frames = [
        photo(tmp_path / f"DSC_{number:04d}.jpg", f"2024:05:{day:02d} 12:00:00")
        for number, day in dates.items()
    ]
    found, _, notes = names.order_frames(frames)
    assert [int(path.stem[4:]) for path in found] == (
        [9998, 9999, 1, 2] if turned else [1, 2, 9998, 9999]
    )
    assert bool(notes) == turned


def test_names_of_several_patterns_go_by_the_cameras_clock(tmp_path):
    frames = [
        photo(tmp_path / "b1.jpg", "2024:05:01 12:00:00"),
        photo(tmp_path / "a1.jpg", "2024:05:01 12:00:01"),
    ]
    found, _, notes = names.order_frames(frames)
    assert found == frames
    assert notes == ["names of 2 patterns: sorted by the time at which they were taken"]
    photo(frames[1])  # now one has no time
    found, _, notes = names.order_frames(frames)
    assert found == frames[::-1] and notes == ["names of 2 patterns: sorted by name"]


def test_one_frame_in_two_forms_is_taken_once():
    frames = ["1.heic", "1.JPG", "2.jpg", "2.png", unicodedata.normalize("NFD", "é1.jpg"), "é1.jpg"]
    found, repeated, _ = names.order_frames(map(Path, frames))
    assert {path.name for path in found} == {"1.JPG", "2.jpg", frames[4]}
    assert ("2.png", "the same frame as 2.jpg, by its name") in [
        (path.name, reason) for path, reason in repeated
    ]
    assert len(repeated) == 3


def test_what_is_said_of_a_folder():
    paths = [Path("f") / name for name in ("9999.jpg", "0001.jpg", "0002.jpg", "0002.png")]
    frames, said = names.frames_of(Path("f"), paths)
    assert [path.name for path in frames] == ["9999.jpg", "0001.jpg", "0002.jpg"]
    assert [(item.path, item.kept) for item in said] == [("f/0002.png", False), ("f", True)]


def test_ids_are_valid_and_unique(tmp_path):
    latin = os.fsdecode(b"caf\xe9.mp4")
    both = [unicodedata.normalize(form, "é.mp4") for form in ("NFC", "NFD")]
    paths = [tmp_path / "a" / name for name in ("b.mp4", latin, *both)]
    found, changed = names.ids(paths, tmp_path)
    assert found == dict(
        zip(["a/b.mp4", r"a/caf\xe9.mp4", "a/é.mp4", "a/é.mp4~2"], paths, strict=True)
    )
    assert [reason for _, reason in changed] == [
        r'its name is not in UTF-8: called "a/caf\xe9.mp4"',
        'another has the same name in letters: called "a/é.mp4~2"',
    ]
    assert names.ids([tmp_path], tmp_path)[0] == {tmp_path.name: tmp_path}


def test_times_that_are_none(tmp_path):
    assert names.taken_at(photo(tmp_path / "a.jpg", "0000:00:00 00:00:00")) is None
    assert names.taken_at(tmp_path / "gone.jpg") is None
