"""GIFs that are made smaller until they fit."""

import numpy as np
import pytest

from ssagan_jax.animation import small_gifs
from ssagan_jax.io import video_files


def noise(count, height=120, width=160):
    return np.random.default_rng(0).integers(0, 255, (count, height, width, 3)).astype(np.uint8)


def write(path, frames):
    with small_gifs.writer(path, fps=10) as add:
        for frame in frames:
            add(frame)
    return video_files.read_video(path).shape


def test_large_frames_are_reduced(tmp_path):
    frames = np.full((2, 600, 1200, 3), 90, np.uint8)
    assert write(tmp_path / "a.gif", frames) == (2, 320, 640, 3)


def test_what_is_too_many_bytes_gets_smaller_until_it_fits(tmp_path, monkeypatch):
    monkeypatch.setattr(small_gifs, "LARGEST", 40_000)
    count, height, width, _ = write(tmp_path / "a.gif", noise(4))
    assert count == 4 and 64 <= width < 160 and height == pytest.approx(0.75 * width, abs=2)
    assert (tmp_path / "a.gif").stat().st_size <= 40_000


def test_longer_clips_may_be_larger(tmp_path, monkeypatch):
    monkeypatch.setattr(small_gifs, "LARGEST", 40_000)
    monkeypatch.setattr(small_gifs, "FRAMES", 1)
    assert write(tmp_path / "a.gif", noise(4))[2] > 120


def test_what_cannot_be_a_gif_is_refused_at_once(tmp_path):
    with (
        pytest.raises(ValueError, match="GIF plays at most 50"),
        small_gifs.writer(tmp_path / "a.gif", fps=60),
    ):
        raise AssertionError
    with pytest.raises(RuntimeError), small_gifs.writer(tmp_path / "a.gif", fps=10):
        raise RuntimeError
    assert not (tmp_path / "a.gif").exists()
