"""Streams that are damaged in the middle, and interlaced ones."""

import av
import numpy as np
import pytest

from ssagan_jax.io import video_reading
from tests.helpers import films


def test_damage_in_the_middle_is_an_error(tmp_path):
    path = films.write(tmp_path / "a.mkv", films.noisy(20), options={"qp": "20", "g": "1"})
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    start, size = places[12]
    data[start + size // 3 : start + size] = bytes(size - size // 3)
    path.write_bytes(data)
    read = []
    with pytest.raises(ValueError, match=r"a\.mkv is damaged after 1\d frames"):
        read.extend(video_reading.read_frames(path))
    assert 8 <= len(read) <= 13
    notes = []
    kept = list(video_reading.read_frames(path, keep_damaged=True, note=notes.append))
    assert len(kept) >= len(read) and "the frames before are kept" in notes[0]


def test_fields_are_joined(tmp_path):
    """A bar that moves from field to field: each frame is a comb until it is deinterlaced."""
    frames = []
    for number in range(6):
        picture = np.full((64, 64), 30, np.uint8)
        for field in (0, 1):
            left = 6 * number + 3 * field
            picture[field::2, left : left + 12] = 220
        frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format="yuv420p")
        frames.append(frame)
    path = films.write(tmp_path / "a.mkv", frames, options={"qp": "1", "x264opts": "tff=1"})
    notes = []
    read = list(video_reading.read_frames(path, note=notes.append))
    assert len(read) == 6 and "is interlaced: its fields are joined" in notes[0]
    combed = [np.abs(np.diff(frame[8:56, :, 0].astype(int), axis=0)).mean() for frame in read]
    raw = [
        np.abs(np.diff(f.to_ndarray(format="gray")[8:56].astype(int), axis=0)).mean()
        for f in frames
    ]
    assert np.mean(combed[1:-1]) < np.mean(raw) / 4
