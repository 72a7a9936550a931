"""The bar of a build."""

import io

import pytest

from ssagan_jax.data.building import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def shown(monkeypatch):
    """What a terminal would show."""
    terminal = Terminal()
    original = progress.tqdm
    monkeypatch.setattr(
        progress, "tqdm", lambda **given: original(**given, file=terminal, mininterval=0)
    )
    return terminal


def test_shots_and_frames_a_second(shown):
    with progress.Progress("sky", 4) as bar:
        bar.report("kept", 2)
        bar.report("shot", "a")
        bar.report("frames", 64)
        bar.report("done", 1)
    last = shown.getvalue().split("\r")[-1]
    assert "sky:  75%" in last and "3/4" in last and "frames/s]" in last


def test_what_is_kept_does_not_count_for_the_time(shown):
    with progress.Progress("sky", 4) as bar:
        bar.report("kept", 3)
        bar.report("done", 1)
        assert bar._bar.initial == 3


def test_a_long_shot_shows_its_frames(shown):
    with progress.Progress("sky", 2) as bar:
        bar.report("done", 1)
        bar.report("frames", 64)
        before = shown.getvalue()
        bar.report("frames", 64)
        assert len(shown.getvalue()) > len(before)


def test_without_a_terminal_nothing_is_shown(capsys):
    with progress.Progress("sky", 4) as bar:
        for event in ("shot", "frames", "done", "kept"):
            bar.report(event, 1)
    assert capsys.readouterr().err == ""
