"""Trackers made up for this: what they are told, and that none of them stops a run."""

import json
import re
import threading
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from ssagan_jax.config import registry
from ssagan_jax.training import tracking
from ssagan_jax.training.tracking import Tracking, check_trackers


class Stub:
    """A tracker that remembers, and fails or hangs where it is told to."""

    def __init__(self, about, *, fails=(), hangs=None):
        self.about, self.calls, self.fails, self.hangs = about, [], fails, hangs
        self.identity = about.identity or "run-1"
        self._do("start")

    def _do(self, *call):
        if self.hangs:
            self.hangs.wait(5)
        if call[0] in self.fails:
            raise RuntimeError("no\nnetwork")
        self.calls.append(call)

    def scalars(self, step, values):
        self._do("scalars", step, dict(values))

    def media(self, step, tag, path):
        self._do("media", step, tag, path.name, path.read_bytes())

    def close(self):
        self._do("close")


@pytest.fixture
def started(monkeypatch):
    """Names of trackers to those that were started; ``behave`` says how they are to be."""
    made, behave = {}, {}

    def module(name):
        def start(about):
            made.setdefault(name, []).append(Stub(about, **behave.get(name, {})))
            return made[name][-1]

        made_up = ModuleType(name)
        made_up.PACKAGE, made_up.start = "json", start
        return made_up

    known = {name: module(name) for name in ("one", "two")}
    monkeypatch.setattr(registry, "modules", lambda package: known)
    return SimpleNamespace(made=made, behave=behave)


def test_numbers_pictures_and_clips_are_told_in_order(started, tmp_path):
    run = Tracking(("tensorboard", "one"), tmp_path / "sky", {"seed": 1})
    clip = tmp_path / "clip.gif"
    clip.write_bytes(b"first")
    run.scalars(1, {"g/l1": 0.5})
    run.media(2, "samples", clip)
    clip.write_bytes(b"another")
    run.close()
    (stub,) = started.made["one"]
    assert (stub.about.name, stub.about.config) == ("sky", {"seed": 1})
    assert stub.calls == [
        ("start",),
        ("scalars", 1, {"g/l1": 0.5}),
        ("media", 2, "samples", "step_0000002.gif", b"first"),
        ("close",),
    ]


def test_a_run_that_goes_on_is_the_same_run(started, tmp_path):
    Tracking(("one", "two"), tmp_path, {}).close()
    assert json.loads((tmp_path / "trackers.json").read_text()) == {"one": "run-1", "two": "run-1"}
    Tracking(("two",), tmp_path, {}).close()
    assert [stub.about.identity for stub in started.made["two"]] == [None, "run-1"]
    (tmp_path / "trackers.json").write_text("{")
    Tracking(("two",), tmp_path, {}).close()
    assert started.made["two"][-1].about.identity is None


@pytest.mark.parametrize("moment", ["start", "scalars", "close"])
def test_one_that_fails_is_named_once_and_the_others_go_on(started, tmp_path, capsys, moment):
    started.behave["one"] = {"fails": (moment,)}
    run = Tracking(("one", "two"), tmp_path, {})
    for step in (1, 2, 3):
        run.scalars(step, {"x": 1.0})
    run.close()
    error = capsys.readouterr().err
    assert error == (
        "note: the tracker one has stopped (RuntimeError: no network). The run goes on, and "
        "metrics.jsonl has all.\n"
    )
    assert [call[0] for call in started.made["two"][0].calls].count("scalars") == 3


def test_one_that_hangs_holds_nobody_up(started, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tracking, "PATIENCE", 0.05)
    monkeypatch.setattr(tracking, "WAITING", 2)
    started.behave["one"] = {"hangs": (event := threading.Event())}
    run = Tracking(("one",), tmp_path, {})
    for step in range(5):
        run.scalars(step, {"x": 1.0})
    run.close()
    event.set()
    error = capsys.readouterr().err
    assert error.count("takes too long; some of what comes is left out") == 1
    assert error.count("does not answer; it lacks the last of the run") == 1


def test_names_are_checked_before_anything_is_begun(started):
    check_trackers(("tensorboard", "one"))
    with pytest.raises(ValueError, match=r'"tow" in config.trackers. Known: tensorboard, one, two'):
        check_trackers(("tow",))


@pytest.mark.parametrize("found", [None, ModuleSpec("mlflow", None)])
def test_a_missing_package_is_said(monkeypatch, found):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found)
    with pytest.raises(ImportError, match=r"pip install 'ssagan_jax\[mlflow\]'"):
        check_trackers(("mlflow",))


def test_every_tracker_has_an_extra():
    text = (Path(__file__).parents[2] / "setup.py").read_text()
    for name, module in registry.modules("ssagan_jax.training.trackers").items():
        assert name == module.PACKAGE and re.search(rf'"{name}": \["{name}', text)
