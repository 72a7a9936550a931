"""Workdirs in a bucket, of an emulator on this machine: the whole main path, and what may fail."""

import http.server
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import numpy as np
import orbax.checkpoint as ocp
import pytest
from etils import epath
from PIL import Image

from ssagan_jax.animation.files import animate_files
from ssagan_jax.checkpoints import finding, networks
from ssagan_jax.checkpoints.scores import SCORES
from ssagan_jax.cli import STOPPED, main
from ssagan_jax.export import export
from ssagan_jax.io import atomic, manifests, paths, video_files
from ssagan_jax.training import writers
from ssagan_jax.training.damaged_checkpoints import put_damaged_aside
from ssagan_jax.training.full_checkpoints import Checkpoints, can_resume
from ssagan_jax.training.lock import LOCK, WorkdirLock
from tests.helpers.buckets import emulated, serving
from tests.helpers.launches import launch
from tests.helpers.runs import save
from tests.training.test_writers import events
from tests.whole.test_end_to_end import lines
from tests.whole.test_multi_process import rows

ROOT = Path(__file__).parent.parent.parent
TINY = f"--config={ROOT / 'configs/ssagan.py:tiny'}"


@pytest.fixture(scope="module")
def bucket():
    with serving() as bucket:
        yield bucket


def train(workdir, *options):
    assert main.main(["train", TINY, f"--workdir={workdir}", "--debug", *options]) == 0


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A run of four steps in a folder."""
    workdir = tmp_path_factory.mktemp("local")
    train(workdir, "--config.num_steps=4")
    return workdir


@pytest.fixture(scope="module")
def workdir(bucket):
    """The same run in a bucket, in two starts."""
    workdir = f"{bucket}/runs/tiny"
    train(workdir, "--config.num_steps=2")
    train(f"{workdir}/", "--config.num_steps=4")
    return paths.path(workdir)


def arrays(workdir):
    """Everything that a run's latest checkpoint holds of the state, in one list."""
    folder = finding.find_checkpoint(workdir)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        items = [
            networks._read_arrays(checkpointer, folder / item, found)
            for item in ("generator", "discriminator", "training")
            for found in [networks._read_tree(checkpointer, folder, item)]
        ]
    return jax.tree.leaves(items)


@emulated
def test_a_run_in_a_bucket_is_the_run_on_a_disk(local, workdir):
    found = lines(workdir)
    assert "eval/author_psnr" in found.pop(2)  # where the first start ended
    assert found == lines(local)
    assert [row["step"] for row in found] == [1, 2, 3, 4, 4]
    ours, theirs = arrays(workdir), arrays(local)
    assert len(ours) > 100
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


@emulated
@pytest.mark.parametrize(
    "name",
    ["config.json", "results.json", "parameters.txt", "losses.png", "results.png", "attention.png"]
    + [f"samples/step_0000004{suffix}" for suffix in (".png", ".mp4", ".gif")],
)
def test_its_files_are_the_same(local, workdir, name):
    if name == "losses.png":  # of the metrics, which are compared
        assert (workdir / name).read_bytes().startswith(b"\x89PNG")
    else:
        assert (workdir / name).read_bytes() == (local / name).read_bytes()


@emulated
def test_tensorboard_has_every_point(local, workdir):
    def points(workdir):
        return {(step, value.tag) for step, value in events(workdir)}

    assert points(workdir) - points(local) == {
        (2, name) for name in ("samples (photo, real, generated)", "attention")
    } | {(2, tag) for step, tag in points(local) if step == 4 and tag.startswith("eval/")}
    assert points(local) <= points(workdir)


@emulated
def test_only_the_latest_and_the_best_stay(workdir):
    steps = {path.name for path in (workdir / "checkpoints").iterdir()} - {SCORES}
    assert "4" in steps and steps <= {"2", "4"}


def copied(source, target):
    """Every file below one folder, below another."""
    for path in source.iterdir():
        if path.is_dir():
            copied(path, target / path.name)
        else:
            target.mkdir(parents=True, exist_ok=True)
            (target / path.name).write_bytes(path.read_bytes())


@emulated
def test_a_run_may_be_copied_to_a_bucket_and_back(local, workdir, bucket, tmp_path):
    there = paths.path(f"{bucket}/copied")
    copied(local, there)
    copied(workdir, tmp_path / "back")
    for place in (there, tmp_path / "back"):
        assert can_resume(place)
        for one, other in zip(arrays(place), arrays(local), strict=True):
            np.testing.assert_array_equal(one, other)
        manager = Checkpoints(place)  # which removes what was not finished
        assert manager.latest == 4
        manager.close()


@emulated
def test_evaluate_repeats_the_scores(workdir, capsys):
    before = json.loads((workdir / "results.json").read_text())
    options = [f"--workdir={workdir}", f"--output={workdir / 'again' / 'results.json'}"]
    assert main.main(["evaluate", *options, "--debug"]) == 0
    assert json.loads((workdir / "again" / "results.json").read_text()) == before
    assert f"Written: {workdir}/again/results.json" in capsys.readouterr().out


@emulated
def test_generate_animates_a_photo(workdir, local, tmp_path):
    Image.effect_noise((41, 40), 60).convert("RGB").save(tmp_path / "photo.png")
    for place, name in ((workdir, "a.mp4"), (local, "b.mp4")):
        options = ["-o", str(tmp_path / name), f"--workdir={place}"]
        assert main.main(["generate", str(tmp_path / "photo.png"), *options]) == 0
    clips = [video_files.read_video(tmp_path / name) for name in ("a.mp4", "b.mp4")]
    np.testing.assert_array_equal(*clips)


@emulated
def test_report_is_the_page_of_the_run(workdir, capsys):
    assert main.main(["report", f"--workdir={workdir}"]) == 0
    assert capsys.readouterr().out == f"{workdir}/report.html\n"
    page = (workdir / "report.html").read_text()
    assert "<h1>tiny</h1>" in page and "Not there yet" not in page


@emulated
def test_another_configuration_is_refused(workdir, capsys):
    assert main.main(["train", TINY, f"--workdir={workdir}", "--config.seed=5"]) == 1
    assert f"{workdir} holds a run with another configuration" in capsys.readouterr().err


@emulated
def test_a_run_starts_from_one_in_a_bucket_and_is_exported(workdir, tmp_path, capsys):
    start = [f"--config.start_from.generator={workdir}", "--config.num_steps=1"]
    train(tmp_path / "run", *start)
    assert f"from {workdir}/checkpoints/4; as initialised: nothing." in capsys.readouterr().out
    written = export(str(workdir), tmp_path / "sky.stablehlo", format="stablehlo", batch=1)
    assert written.stat().st_size > 0


@emulated
def test_a_table_is_gathered_in_a_bucket(workdir, bucket, capsys):
    (paths.path(bucket) / "tables" / "poster" / "results.json").write_bytes(
        (workdir / "results.json").read_bytes()
    )
    options = ["--table=losses", "--budget=tiny", f"--workdirs={bucket}/tables"]
    assert main.main(["reproduce", *options, "--debug"]) == 0
    names = {path.name for path in (paths.path(bucket) / "tables").iterdir()}
    assert {"losses.md", "losses.csv", "losses.png"} <= names


@emulated
def test_a_network_alone_is_written_once(bucket):
    variables = {"params": {"dense": {"kernel": np.arange(4.0)}}}
    folder = networks.save_network(f"{bucket}/alone", "generator", variables, config={"a": 1})
    assert str(folder) == f"{bucket}/alone/checkpoints/0"
    found, _, place = networks.load_network(f"{bucket}/alone", "generator")
    assert place == str(folder)
    np.testing.assert_array_equal(found["params"]["dense"]["kernel"], np.arange(4.0))
    with pytest.raises(ValueError, match=r"gs://bucket/alone/checkpoints holds checkpoints"):
        networks.save_network(f"{bucket}/alone", "generator", variables, config={})


@emulated
def test_a_checkpoint_that_was_not_finished_does_not_count(bucket):
    variables = {"params": {"dense": {"kernel": np.arange(4.0)}}}
    networks.save_network(f"{bucket}/half", "generator", variables, config={})
    half = paths.path(f"{bucket}/half/checkpoints/3")
    for name in ("generator/_METADATA", "config/metadata"):
        (half / name).write_text("half of it")
    assert finding.find_checkpoint(f"{bucket}/half").name == "0"
    with pytest.raises(FileNotFoundError, match=f"No checkpoint in {half}"):
        finding.find_checkpoint(half)


@emulated
def test_a_damaged_checkpoint_is_put_aside_and_stays_there(bucket, capfd):
    for step in (0, 1):
        save(f"{bucket}/damaged", (step,)).close()
    steps = paths.path(f"{bucket}/damaged/checkpoints")
    (steps / "1" / "config" / "metadata").write_text("{}")
    assert finding.find_whole_checkpoint(f"{bucket}/damaged") == steps / "0"
    put_damaged_aside(f"{bucket}/damaged")
    line = capfd.readouterr().err.splitlines()[-1]
    assert line.startswith(f"note: {steps}/1 is damaged (config/metadata has 2 bytes, expected")
    manager = save(f"{bucket}/damaged", (2,))  # Orbax removes what it takes for unfinished
    assert manager.latest == 2
    manager.close()
    assert {path.name for path in steps.iterdir()} == {"0", "2", "damaged"}
    assert manifests.has_manifest(steps / "damaged" / "1")
    assert manifests.find_faults(steps / "2") == []


@emulated
def test_numbers_are_in_the_bucket_after_each_line(bucket):
    workdir = paths.path(f"{bucket}/lines")
    (workdir / "metrics.jsonl").write_text('{"step": 1}\n{"step": 2}\n{"st')
    written = writers.Writers(workdir, step=1, backend="tensorboardX")
    for step in (2, 3):
        written.scalars(step, {"g/l1": float(step)})
        text = (workdir / "metrics.jsonl").read_text()
        assert text.splitlines()[-1] == json.dumps({"step": step, "g/l1": float(step)})
    assert [row["step"] for row in lines(workdir)] == [1, 2, 3]
    folder = written._mirror.folder
    written.close()
    assert not folder.exists()


@emulated
def test_events_go_on_in_another_file_when_one_is_large(bucket, monkeypatch, tmp_path):
    monkeypatch.setattr(writers, "LARGE", 1000)
    workdir = paths.path(f"{bucket}/large")
    gif = tmp_path / "clip.gif"
    Image.effect_noise((40, 40), 60).save(gif)
    written = writers.Writers(workdir, step=0, backend="tensorboardX")
    for step in (1, 2, 3):
        written.picture(step, "samples", gif)
        written.scalars(step, {"g/l1": 0.5})
    written.close()
    assert len(list((workdir / "tensorboard").iterdir())) > 1
    found = {(step, value.tag) for step, value in events(workdir)}
    assert found == {(step, tag) for step in (1, 2, 3) for tag in ("samples", "g/l1")}


@emulated
def test_a_file_that_cannot_be_uploaded(bucket, tmp_path):
    there = epath.Path("gs://elsewhere/run/a.json")
    message = r"Cannot write gs://elsewhere/run/a\.json: FileNotFoundError"
    with pytest.raises(OSError, match=message), atomic.replacing(there) as partial:
        partial.write_text("text")
    assert not partial.exists()


@emulated
def test_tensorflow_is_not_asked(bucket, tmp_path):
    """etils would take it where it is installed: a large import, and a second client."""
    (tmp_path / "tensorflow.py").write_text("raise AssertionError('TensorFlow was imported')")
    program = (
        "import importlib.util, sys\n"
        "from ssagan_jax.io import paths\n"
        f"place = paths.path('{bucket}/new') / 'a'\n"
        "place.write_text('b')\n"
        "assert importlib.util.find_spec('tensorflow')\n"
        "print(place.read_text())"
    )
    own = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    own.pop("EPATH_USE_TF")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=own)
    assert done.stdout == "b\n", done.stderr


@emulated
def test_a_folder_on_a_disk_needs_no_client_of_buckets(tmp_path):
    program = (
        "import sys, tempfile\n"
        "import ssagan_jax.training.loop\n"
        "from ssagan_jax.checkpoints import networks\n"
        "from ssagan_jax.io import atomic\n"
        "from ssagan_jax.training.writers import Writers\n"
        "Writers(tempfile.mkdtemp(), step=0, backend='tensorboardX').close()\n"
        "print(*sys.modules)"
    )
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=own)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "etils.epath" in loaded
    assert not {"gcsfs", "fsspec", "aiohttp"} & loaded


@emulated
@pytest.mark.slow
def test_two_processes_share_a_bucket(bucket, monkeypatch, tmp_path):
    """One is told to stop; they go on, with their compiled programs in the bucket too."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", f"{bucket}/xla")
    workdir = f"{bucket}/runs/two"
    stopped = launch(2, workdir, before=["--at=step:2,1,TERM"])
    assert [status for status, *_ in stopped] == [STOPPED] * 2, stopped
    resumed = launch(2, workdir)
    assert not any(status for status, *_ in resumed), resumed
    [(status, _, errors)] = launch(1, tmp_path / "one")
    assert status == 0, errors
    alone, together = rows(tmp_path / "one"), rows(paths.path(workdir))
    assert [row["step"] for row in together] == [1, 2, 3, 4, 5, 6, 6]
    for a, b in zip(alone, together, strict=True):
        for name in a:
            np.testing.assert_allclose(b[name], a[name], rtol=1e-5, err_msg=name)
    assert any(path.name.endswith("-cache") for path in paths.path(f"{bucket}/xla").iterdir())


@emulated
def test_a_bucket_that_is_not_there(bucket, capsys):
    assert main.main(["train", TINY, "--workdir=gs://elsewhere/run"]) == 1
    message = "ssagan: gs://elsewhere/run: there is no bucket elsewhere. Check the name, or make it"
    assert message in capsys.readouterr().err


@emulated
def test_a_bucket_without_credentials(bucket, monkeypatch, tmp_path):
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))  # where gcloud keeps them
    paths._reach.cache_clear()
    message = r"gs://b/run: no credentials for Google Cloud .* gcloud auth application-default"
    with pytest.raises(PermissionError, match=message):
        paths.path("gs://b/run")


class Refusal(http.server.BaseHTTPRequestHandler):
    """Answers as Google does somebody who may not look at a bucket."""

    def do_GET(self):
        self.send_response(403)
        self.end_headers()
        self.wfile.write(b'{"error": {"message": "no storage.buckets.get access"}}')

    def log_message(self, *_):
        pass


@emulated
def test_a_bucket_without_permission(bucket, monkeypatch):
    with http.server.HTTPServer(("127.0.0.1", 0), Refusal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        paths._reach.cache_clear()
        message = r"gs://b/run: 403 .*no storage\.buckets\.get access.*It needs storage\."
        with pytest.raises(PermissionError, match=message):
            paths.path("gs://b/run")
        server.shutdown()


@emulated
def test_a_bucket_that_does_not_answer(bucket, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr(paths, "PATIENCE", 0.1)
    paths._reach.cache_clear()
    with pytest.raises(OSError, match=r"gs://b/run: the bucket b does not answer: "):
        paths.path("gs://b/run")


@pytest.mark.parametrize(
    ("what", "ask"),
    [
        ("A photo", lambda place: animate_files([place], "out/")),
        ("--output", lambda place: animate_files(["photo.png"], f"{place}/")),
        ("--output", lambda place: export("runs/x", place, format="stablehlo")),
    ],
)
def test_what_must_be_on_a_disk(what, ask):
    message = rf"{what} is gs://b/x/?; expected a path on a disk"
    with pytest.raises(ValueError, match=message):
        ask("gs://b/x")


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("--predictions", ["evaluate", "--predictions=gs://b/x", "--reference=y"]),
        ("--reference", ["evaluate", "--predictions=y", "--reference=gs://b/x"]),
    ],
)
def test_clips_in_files_must_be_on_a_disk(what, command, capsys):
    assert main.main(command) == 1
    assert f"{what} is gs://b/x; expected a path on a disk" in capsys.readouterr().err


@emulated
def test_a_lock_in_a_bucket_is_held_by_exactly_one(bucket):
    """Also where a dead one's is taken over; nothing but the lock is left."""
    workdir, gate = paths.path(f"{bucket}/runs/locked"), threading.Barrier(4)

    def start(_):
        lock = WorkdirLock(workdir, interval=60.0, patience=0.3)
        gate.wait()
        try:
            lock.acquire()
        except BlockingIOError:
            return None
        return lock

    for _ in range(2):  # the second time the first holder is a process that is gone
        with ThreadPoolExecutor(4) as pool:
            [held] = [lock for lock in pool.map(start, range(4)) if lock]
        held.check()
        assert [path.name for path in workdir.iterdir()] == [LOCK]
        held._ours["started"] = "1"
        held._write()
    held.release()
    assert not (workdir / LOCK).exists()
