"""MD-GAN's second stage by the commands: from a Stage I run to clips, with one compilation."""

import json
import shutil
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
import pytest
from PIL import Image

from ssagan_jax.cli import main
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.io import video_files
from ssagan_jax.training import full_checkpoints
from ssagan_jax.training.from_config import build_gan
from tests.helpers.stubs import drawn_state, equal, leaves

ROOT = Path(__file__).parent.parent.parent.parent
FIRST, SECOND = (f"{ROOT}/configs/mdgan.py:tiny,stage={stage}" for stage in (1, 2))
SMALL = [
    "--config.generator.features=2",
    "--config.discriminator.features=2",
    "--config.ema_decay=0.9",
]
QUICK = ["--config.n_critic=1", "--config.checkpoint_every=1", "--config.sample_every=0"]


pytestmark = pytest.mark.slow  # two trainings


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The workdir of a Stage I run, drawn instead of trained."""
    workdir = tmp_path_factory.mktemp("first")
    resolved = resolve(loading.load(FIRST, SMALL))
    state = jax.tree.map(jnp.asarray, drawn_state(build_gan(resolved), seed=1))
    manager = full_checkpoints.Checkpoints(workdir)
    manager.save(4, state, data={}, config=resolved.to_json())
    manager.wait()
    manager.close()
    return workdir


def train(workdir, first, *, steps):
    """The command of Stage II."""
    options = [*SMALL, *QUICK, f"--config.num_steps={steps}"]
    start = f"--config.start_from.generator={first}"
    config_file, where = f"--config={SECOND}", f"--workdir={workdir}"
    return main.main(["train", config_file, where, start, *options, "--debug"])


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    """The workdir of a Stage II run of two steps, both kept."""
    workdir = tmp_path_factory.mktemp("second")
    assert train(workdir, first, steps=2) == 0
    return workdir


def item(workdir, step, name):
    """What a checkpoint holds under a name."""
    with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as reader:
        return reader.restore(workdir / "checkpoints" / str(step) / name)


def test_the_first_stage_is_taken_and_stays_to_the_bit(first, second):
    theirs = item(first, 4, "generator")
    for step in (1, 2):
        ours = item(second, step, "generator")
        for tree in ("params", "ema"):  # an average has nothing to average here
            assert equal(ours[tree]["stage1"], theirs["ema"]["stage1"])
        for name, kept in theirs["stats"].items():
            assert equal(ours["stats"][name]["stage1"], kept["stage1"])
    optimizers = item(second, 2, "training")["optimizers"]
    assert list(optimizers["generator"]["mu"]) == ["stage2"]


@pytest.mark.parametrize(("name", "part"), [("generator", "stage2"), ("discriminator", None)])
def test_every_other_parameter_moves_at_each_step(second, name, part):
    one, two = (item(second, step, name)["params"] for step in (1, 2))
    one, two = (leaves(tree[part] if part else tree) for tree in (one, two))
    assert len(one) > 5
    assert not [path for path in one if np.array_equal(one[path], two[path])]


def test_ranking_is_logged_for_both_players(second):
    rows = [json.loads(line) for line in (second / "metrics.jsonl").read_text().splitlines()]
    for row in rows[:2]:
        assert row["g/ranking"] > 0 > row["d/ranking"]
        total = row["g/vanilla"] + row["g/l1"] + row["g/ranking"]
        assert row["g/total"] == pytest.approx(total, rel=1e-5)


def test_clips_come_from_both_stages(second, tmp_path):
    photo, output = tmp_path / "photo.png", tmp_path / "sky.mp4"
    Image.effect_noise((40, 40), 60).convert("RGB").save(photo)
    assert main.main(["generate", str(photo), "-o", str(output), f"--workdir={second}"]) == 0
    assert video_files.read_video(output).shape == (8, 40, 40, 3)
    scores = tmp_path / "scores.json"
    options = [f"--workdir={second}", "--clips=8", f"--output={scores}"]
    assert main.main(["evaluate", *options]) == 0
    ours = json.loads((second / "results.json").read_text())
    assert json.loads(scores.read_text())["rows"] == ours["rows"]


def test_a_resumed_run_reads_its_start_no_more(first, second, tmp_path, capsys):
    gone = tmp_path / "gone"
    shutil.copytree(first, gone)
    workdir = tmp_path / "again"
    shutil.copytree(second, workdir)
    stored = json.loads((workdir / "config.json").read_text())
    stored["start_from"]["generator"] = str(gone)
    (workdir / "config.json").write_text(json.dumps(stored))
    shutil.rmtree(gone)
    assert train(workdir, gone, steps=3) == 0
    printed = capsys.readouterr().out
    assert "Going on at step 2" in printed
    assert "stage1 from" not in printed
    kept = item(workdir, 3, "generator")["params"]["stage1"]
    assert equal(kept, item(first, 4, "generator")["ema"]["stage1"])


def test_without_a_first_stage_there_is_no_second(tmp_path, capsys):
    asked = [f"--config={SECOND}", f"--workdir={tmp_path / 'run'}", *SMALL]
    assert main.main(["train", *asked, "--config.start_from.untrained=false"]) == 1
    assert "keeps stage1 as it is, and nothing says where" in capsys.readouterr().err
    assert main.main(["train", *asked, f"--config.start_from.generator={tmp_path}"]) == 1
    assert "config.start_from.generator: No checkpoint in" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
