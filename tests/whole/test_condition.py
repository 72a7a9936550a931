"""A model that is given what may move: trained, stopped, resumed, scored, and a photo animated."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation.animator import Animator
from ssagan_jax.cli import main
from ssagan_jax.evaluation.hints import BOTH, MASKS
from ssagan_jax.evaluation.winds import KINDS

ROOT = Path(__file__).parent.parent.parent
CONFIG = f"--config={ROOT}/configs/wind.py:tiny,dataset=synthetic_wind"
OVERRIDES = ("generator.condition=mask", "generator.attention=none", "eval_clips=4")


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    """A run in two parts, of a model that takes a wind as well."""
    folder = tmp_path_factory.mktemp("masked")
    options = [f"--config.{override}" for override in OVERRIDES]
    for steps in (2, 4):
        command = ["train", CONFIG, f"--workdir={folder}", f"--config.num_steps={steps}"]
        assert main.main([*command, *options, "--debug"]) == 0
    return folder


@pytest.mark.slow
def test_it_is_resumed_and_scored_with_every_mask(workdir, tmp_path, capsys):
    steps = [json.loads(line)["step"] for line in (workdir / "metrics.jsonl").open()]
    assert max(steps) == 4
    output = tmp_path / "again.json"
    assert main.main(["evaluate", f"--workdir={workdir}", f"--output={output}", "--debug"]) == 0
    found = json.loads(output.read_text())
    assert found["rows"].keys() == {*KINDS, *MASKS, *BOTH, "still"}
    assert found["rows"] == json.loads((workdir / "results.json").read_text())["rows"]
    assert "mask given (from the true clip)" in capsys.readouterr().out


@pytest.mark.slow
def test_generate_gives_it_the_mask(workdir, tmp_path, monkeypatch):
    given, plain = [], Animator.with_mask
    monkeypatch.setattr(
        Animator, "with_mask", lambda self, mask: given.append(mask) or plain(self, mask)
    )
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    Image.effect_noise((80, 60), 60).convert("RGB").save(photo)
    half = np.zeros((60, 80), np.uint8)
    half[:30] = 255
    Image.fromarray(half).save(mask)
    command = ["generate", str(photo), "-o", str(tmp_path / "sky.mp4"), f"--workdir={workdir}"]
    assert main.main([*command, f"--mask={mask}", "--debug"]) == 0
    assert given[0].shape == (1, 32, 32)
    assert given[0][0, :14].min() > 0.8 and given[0][0, 18:].max() < 0.2
