"""Tiny originals, written by the tests themselves."""

import io

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data

HTML = b"<!DOCTYPE html><html><title>Google Drive - Quota exceeded</title></html>"


def grey_jpeg(value, *, width=32, height=18):
    """A flat grey picture: which frame was read can be told from its value."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (value,) * 3).save(buffer, format="JPEG", quality=95)
    return buffer.getvalue()


def write_shot(folder, *, video, numbers):
    folder.mkdir(parents=True)
    for number in numbers:
        path = folder / f"{video}_frames_{number:08d}.jpg"
        path.write_bytes(grey_jpeg(number))


@pytest.fixture(name="grey_jpeg")
def grey_jpeg_fixture():
    return grey_jpeg


@pytest.fixture
def html():
    return HTML


@pytest.fixture
def sky_folder(tmp_path):
    """The Sky Time-lapse layout with every oddity of the original once."""
    root = tmp_path / "original"
    train = root / "sky_train"
    write_shot(train / "a" / "a_1", video="a", numbers=range(1, 101))  # two records
    write_shot(train / "a" / "a_2", video="a", numbers=[*range(1, 11), *range(14, 40)])
    write_shot(train / "b" / "b_1", video="b", numbers=range(1, 21))  # short
    write_shot(train / "b" / "b_2", video="b", numbers=[1])  # too short
    (train / "c").mkdir()  # a video without shots
    (train / "d" / "d_1").mkdir(parents=True)  # a shot without frames
    write_shot(train / "e" / "e_1", video="e", numbers=range(1, 37))
    (train / "e" / "e_1" / "e_frames_00000005.jpg").write_bytes(HTML)
    whole = grey_jpeg(9)
    (train / "e" / "e_1" / "e_frames_00000009.jpg").write_bytes(whole[: len(whole) // 2])
    (train / "e" / "e_1" / "e_frames_00000010.jpg").write_bytes(b"")
    (train / "e" / "e_1" / "e_frames_00000011.jpg").write_bytes(b"GIF89a")
    (train / "e" / "e_1" / "Thumbs.db").write_bytes(b"x")
    write_shot(train / "f" / "odd", video="f", numbers=range(1, 33))
    write_shot(train / "g" / "g_1", video="g", numbers=range(1, 33))
    (train / "g" / "g_1" / "g_frames_00000032.jpg").rename(train / "g" / "g_1" / "last.jpg")
    write_shot(train / "t" / "t_1", video="t", numbers=range(1, 33))  # also in sky_test
    (train / "notes.txt").write_text("x")
    (train / "a" / "list.txt").write_text("x")
    write_shot(root / "sky_test" / "t" / "t_1", video="t", numbers=range(1, 34))
    return root


@pytest.fixture
def values():
    """The grey value of each frame of a clip, rounded."""
    return lambda clip: np.round(clip.mean(axis=(1, 2, 3))).astype(int).tolist()


@pytest.fixture
def built(sky_folder, tmp_path):
    """Opens splits of the built ``sky_folder``."""
    data_dir = str(tmp_path / "built")
    data.build("sky", source=str(sky_folder), data_dir=data_dir)

    def open_split(split="train", *, size=8, frames=32, **options):
        return data.source(
            "sky", split=split, size=size, frames=frames, data_dir=data_dir, **options
        )

    return open_split
