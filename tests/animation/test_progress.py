"""Progress where there is no terminal: lines, not too many."""

import pytest

from ssagan_jax.animation import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that frames move on."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def take(clock, count, seconds):
    def frames():
        for frame in range(count):
            clock[0] += seconds
            yield frame

    assert list(progress.shown(frames(), count, "a.mp4")) == list(range(count))


def test_lines_say_what_is_left(clock, capsys):
    take(clock, 100, 1.0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "a.mp4: frame 10 of 100, about 1 min 30 s left"
    assert lines[8] == "a.mp4: frame 90 of 100, about 10 s left"
    assert lines[9:] == ["a.mp4: 100 frames in 1 min 40 s"]


def test_a_quick_clip_is_one_line(clock, capsys):
    take(clock, 16, 0.1)
    assert capsys.readouterr().err == "a.mp4: 16 frames in 2 s\n"


def test_a_terminal_gets_a_bar(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True)
    take(clock, 16, 0.1)
    assert "\ra.mp4:   0%" in capsys.readouterr().err
