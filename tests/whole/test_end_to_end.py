"""Train, stop, go on, evaluate, animate a photo: the whole main path, once, tiny."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from PIL import Image

from ssagan_jax import animate, load_animator
from ssagan_jax.checkpoints import finding
from ssagan_jax.checkpoints.scores import SCORES, read_scores
from ssagan_jax.cli import main
from ssagan_jax.config import loading
from ssagan_jax.io import video_files
from ssagan_jax.training import full_checkpoints, loop, run

ROOT = Path(__file__).parent.parent.parent
TINY = f"{ROOT}/configs/ssagan.py:tiny"
# Two levels with attention, not all six: it is the path that is tested here.
LEVELS = ["--config.generator.attention_at=('encoder2','decoder2')"]
CONFIG = [f"--config={TINY}", *LEVELS]


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The workdir of a run from start to end, through the command line."""
    workdir = tmp_path_factory.mktemp("straight")
    status = main.main(["train", *CONFIG, f"--workdir={workdir}", "--debug"])
    assert status == 0
    return workdir


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """The workdir of the same run, stopped by SIGTERM after step 3, which saves, and resumed."""
    workdir = tmp_path_factory.mktemp("resumed")
    settings = loading.load(TINY, LEVELS)
    plain = run.Run.after_step

    def stop(self, step, state, position):
        plain(self, step, state, position)
        if step == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run.Run, "after_step", stop)
        assert loop.train(settings, workdir) is None
    assert finding.find_checkpoint(workdir).name == "3"
    assert loop.train(settings, workdir) is not None
    return workdir


def lines(workdir):
    """``metrics.jsonl`` without speeds."""
    rows = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if not k.startswith("speed/")} for row in rows]


def state(workdir, step=4):
    """The state and the data position that a checkpoint holds."""
    gan = loop.build_gan(loop.resolve(loading.load(TINY, LEVELS)))
    abstract = jax.eval_shape(lambda: loop.create(gan, 0))
    single = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    abstract = jax.tree.map(
        lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=single), abstract
    )
    manager = full_checkpoints.Checkpoints(workdir)
    restored = manager.restore(step, abstract)
    manager.close()
    return restored


def test_a_stopped_and_resumed_run_is_bit_identical(straight, resumed):
    (a, position_a), (b, position_b) = state(straight), state(resumed)
    assert int(a.step) == 4
    assert position_a == position_b
    leaves = list(zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))
    assert len(leaves) > 100
    for left, right in leaves:
        np.testing.assert_array_equal(left, right)


def test_losses_are_logged_once_per_step_and_equal_after_resuming(straight, resumed):
    steps = [row["step"] for row in lines(straight) if "d/vanilla" in row]
    assert steps == [1, 2, 3, 4]
    assert lines(straight) == lines(resumed)
    assert "g/l1" in lines(straight)[1]
    assert "g/l1" not in lines(straight)[0]  # n_critic is 2


def test_a_run_leaves_what_the_readme_says(straight):
    names = ("config.json", "results.json", "parameters.txt")
    pictures = ("results_clips.csv", "results.png", "losses.png", "attention.png")
    for name in (*names, *pictures):
        assert (straight / name).stat().st_size > 0
    for suffix in (".png", ".mp4", ".gif"):
        assert (straight / "samples" / f"step_0000004{suffix}").stat().st_size > 0
    assert list((straight / "tensorboard").glob("events.out.tfevents.*"))


def test_results_have_both_rows_in_both_conventions(straight):
    found = json.loads((straight / "results.json").read_text())
    assert found["protocol"]["statistics"] == "running"
    for row in ("prediction", "still"):
        for convention in ("author", "standard"):
            assert {"mse", "psnr", "psnr_clip", "ssim"} <= found["rows"][row][convention].keys()
        means = {"flicker", "static_share", "unexplained_change"}
        ratios = {"energy_ratio", "energy_ratio_median", "flow_ratio", "flow_ratio_median"}
        assert found["rows"][row]["motion"].keys() == means | ratios
        assert found["real"]["motion"].keys() == means
    assert found["rows"]["still"]["motion"]["energy_ratio"] == 0
    assert found["rows"]["prediction"]["motion"]["energy_ratio"] > 0


def test_training_moves_both_networks(straight):
    (before, _), (after, _) = state(straight, 2), state(straight, 4)
    for name in ("generator", "discriminator"):
        old, new = (getattr(s, name).params["down1"]["Conv_0"]["kernel"] for s in (before, after))
        assert np.abs(np.asarray(old) - np.asarray(new)).max() > 0


def test_evaluate_command_repeats_the_runs_own_scores(straight, tmp_path, capsys):
    output = tmp_path / "again.json"
    assert (
        main.main(
            ["evaluate", f"--workdir={straight}", "--clips=8", f"--output={output}", "--debug"]
        )
        == 0
    )
    ours = json.loads((straight / "results.json").read_text())
    again = json.loads(output.read_text())
    assert again["rows"] == ours["rows"]
    assert again["protocol"]["checkpoint"] == ours["protocol"]["checkpoint"]
    assert "still" in capsys.readouterr().out


def test_batch_statistics_are_another_evaluation(straight, tmp_path):
    output = tmp_path / "batch.json"
    options = ["--clips=8", "--statistics=batch", f"--output={output}"]
    assert main.main(["evaluate", f"--workdir={straight}", *options]) == 0
    found = json.loads(output.read_text())
    ours = json.loads((straight / "results.json").read_text())
    assert found["protocol"]["statistics"] == "batch"
    assert found["rows"]["prediction"]["author"] != ours["rows"]["prediction"]["author"]
    assert found["rows"]["still"] == ours["rows"]["still"]


def test_generate_animates_a_photo(straight, tmp_path):
    photo, output = tmp_path / "photo.png", tmp_path / "sky.mp4"
    Image.effect_noise((101, 75), 60).convert("RGB").save(photo)
    assert main.main(["generate", str(photo), "-o", str(output), f"--workdir={straight}"]) == 0
    clip = video_files.read_video(output)
    assert clip.shape == (8, 74, 100, 3)


def test_animate_is_the_same_as_a_function(straight):
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    clip = np.stack(list(animate(photo, load_animator(straight), size="model")))
    assert clip.shape == (8, 32, 32, 3) and clip.dtype == np.uint8


def test_a_finished_run_started_again_trains_no_further(straight, capsys):
    status = main.main(["train", *CONFIG, f"--workdir={straight}"])
    assert status == 0
    assert "All 4 steps are done already." in capsys.readouterr().out
    assert finding.find_checkpoint(straight).name == "4"


def test_a_run_whose_last_scores_were_broken_off_makes_them_when_started_again(straight, tmp_path):
    run = shutil.copytree(straight, tmp_path / "run")
    known = read_scores(run / finding.FOLDER)
    assert list(known) == [4]
    (run / finding.FOLDER / SCORES).unlink()
    for path in (run / "samples").glob("step_0000004.*"):
        path.unlink()
    lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    scored = [line for line in lines if "eval/" in line and json.loads(line)["step"] == 4]
    kept = [line for line in lines if line not in scored]
    (run / "metrics.jsonl").write_text("".join(kept))
    assert main.main(["train", *CONFIG, f"--workdir={run}"]) == 0
    assert read_scores(run / finding.FOLDER) == known
    assert len(list((run / "samples").glob("step_0000004.*"))) == 3
    again = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    assert again == [*kept, *scored]


def test_another_configuration_is_refused(straight, capsys):
    status = main.main(["train", *CONFIG, f"--workdir={straight}", "--config.seed=5"])
    assert status == 1
    error = capsys.readouterr().err
    assert "seed: 0 there, 5 asked" in error
    assert "--allow-config-change" in error


@pytest.mark.slow
def test_training_and_generating_load_neither_tensorflow_nor_pytorch(straight, tmp_path):
    """In a process of its own; ``straight`` has filled the compilation cache."""
    photo = tmp_path / "photo.png"
    Image.effect_noise((40, 40), 60).convert("RGB").save(photo)
    commands = [
        ["train", *CONFIG, f"--workdir={tmp_path / 'run'}"],
        ["generate", str(photo), "-o", str(tmp_path / "sky.mp4"), f"--workdir={straight}"],
    ]
    # Attempts at PyTorch are counted, so that the test means something where it is not installed.
    # TensorFlow is looked for (by etils), which is not loading it.
    program = (
        "import sys\n"
        "class Finder:\n"
        "    tried = set()\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        self.tried |= {name} & {'torch'}\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from ssagan_jax.cli import main as cli\n"
        f"assert not any(cli.main(command) for command in {commands})\n"
        "assert not Finder.tried, Finder.tried\n"
        "assert 'tensorflow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sky.mp4").exists()
