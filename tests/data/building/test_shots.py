"""Shots are read a record's worth of frames at a time; what is odd about them is listed."""

import numpy as np
import pytest

from ssagan_jax.data import preprocess
from ssagan_jax.data.building.scan import Scan, Skipped
from ssagan_jax.data.building.shots import Shot, ShotFailed, add_to_scan, outcome_of, read_parts


def shot(*frames, strip=False):
    return Shot("a_1", "a", "train", lambda: iter(frames), strip)


def read(one):
    """The parts of a shot, and the scan of it."""
    outcome, scan = outcome_of(one), Scan("sky", "x")
    parts = list(read_parts(one, outcome))
    add_to_scan(scan, outcome)
    return parts, scan


def test_a_long_shot_is_several_parts(grey_jpeg):
    frames = [grey_jpeg(value) for value in range(100)]
    parts, scan = read(shot(*frames))
    assert [(part.number, part.frames) for part in parts] == [(0, 64), (1, 36)]
    assert [jpeg for part in parts for jpeg in part.jpegs] == frames
    assert scan.shots == {"train": [("a", 100)]} and not scan.skipped


def test_frames_left_out_are_listed(grey_jpeg):
    broken = Skipped("frame", "empty file")
    [part], scan = read(shot(grey_jpeg(1), broken, grey_jpeg(2)))
    assert part.frames == 2
    assert [item.reason for item in scan.skipped] == [
        "empty file",
        "short: 2 frames, no clip of 32; usable for shorter clips",
    ]


def test_a_shot_of_one_frame_is_left_out(grey_jpeg):
    parts, scan = read(shot(grey_jpeg(1)))
    assert [item.reason for item in scan.left_out] == ["fewer than 2 usable frames"]
    assert not scan.shots and not parts


def test_a_strip_counts_its_squares(grey_jpeg):
    strip = grey_jpeg(5, width=8, height=24)
    [part], _ = read(shot(strip, strip=True))
    assert part.frames == 3 and list(part.jpegs) == [strip]
    assert np.asarray(preprocess.decode_image(strip)).shape == (24, 8, 3)


def test_an_error_names_the_shot():
    def frames():
        raise IndexError("no stream")
        yield b""

    with pytest.raises(ShotFailed, match="Reading the shot a_1 failed: IndexError: no stream"):
        read(Shot("a_1", "a", "train", frames))
