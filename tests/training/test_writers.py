"""metrics.jsonl and TensorBoard events."""

import errno
import importlib.util
import io
import json
import shutil
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image
from tensorboardX.proto.event_pb2 import Event

from ssagan_jax.io import paths
from ssagan_jax.training.tracking import Tracking
from ssagan_jax.training.writers import Writers, truncate

LINES = '{"step": 1, "g/l1": 0.5}\n{"step": 2}\n{"step": 2, "eval/x": 1}\n{"step": 3}\n'


def write(workdir, *, step=0, lines=()):
    writers = Writers(workdir, step=step, backend="tensorboardX")
    for number, values in lines:
        writers.scalars(number, values)
    return writers


def every_event(workdir):
    """What TensorBoard reads: the events of every file."""
    for path in sorted((workdir / "tensorboard").iterdir()):
        data = path.read_bytes()
        while data:  # length, checksum, event, checksum
            length = int.from_bytes(data[:8], "little")
            yield Event.FromString(data[12 : 12 + length])
            data = data[16 + length :]


def events(workdir):
    """(step, value) for every summary value."""
    return [(event.step, value) for event in every_event(workdir) for value in event.summary.value]


def test_a_line_of_json_and_a_point_of_each_curve(tmp_path):
    third = 1 / 3
    lines = [(1, {"g/l1": 0.1, "speed/steps_per_s": 2.0}), (2, {"g/l1": third})]
    write(tmp_path, lines=lines).close()
    text = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == [
        {"step": 1, "g/l1": 0.1, "speed/steps_per_s": 2.0},
        {"step": 2, "g/l1": third},  # in full precision
    ]
    points = {(step, value.tag, value.simple_value) for step, value in events(tmp_path)}
    assert points == {
        (1, "g/l1", np.float32(0.1)),
        (1, "speed/steps_per_s", 2.0),
        (2, "g/l1", np.float32(third)),
    }


def test_lines_are_there_at_once(tmp_path):
    writers = write(tmp_path, lines=[(1, {"g/l1": 0.1})])
    assert '"step": 1' in (tmp_path / "metrics.jsonl").read_text(encoding="utf-8")
    writers.close()


def test_values_that_json_does_not_have_are_refused(tmp_path):
    writers = write(tmp_path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        writers.scalars(1, {"g/l1": float("nan")})
    writers.close()
    assert (tmp_path / "metrics.jsonl").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("step", "torn", "kept"),
    [
        (0, "", 0),
        (1, "", 1),
        (2, "", 3),
        (9, "", 4),
        (9, '{"step": 4, "g/l', 4),
        (9, '{"step": 4}', 4),  # without its end of line it may be torn in a number
        (9, "\0\0\0", 4),
    ],
)
def test_resuming_drops_later_lines_and_a_torn_one(tmp_path, step, torn, kept):
    path = tmp_path / "metrics.jsonl"
    path.write_text(LINES + torn, encoding="utf-8")
    write(tmp_path, step=step, lines=[(10, {})]).close()
    expected = "".join(LINES.splitlines(keepends=True)[:kept]) + '{"step": 10}\n'
    assert path.read_text(encoding="utf-8") == expected
    assert sorted(p.name for p in tmp_path.iterdir()) == ["metrics.jsonl", "tensorboard"]


def test_damaged_lines_are_put_aside_and_the_others_stay(tmp_path, capsys):
    path, aside = tmp_path / "metrics.jsonl", tmp_path / "metrics.damaged.jsonl"
    lines = LINES.encode().splitlines(keepends=True)
    bad = lines[1].replace(b"2", b"\xff")
    path.write_bytes(b"".join([lines[0], bad, *lines[2:]]))
    truncate(path, 9)
    assert path.read_bytes() == b"".join([lines[0], *lines[2:]])
    assert aside.read_bytes() == bad
    assert (
        f"{path}: damaged lines (2) were put aside, into {aside.name}." in capsys.readouterr().out
    )
    truncate(path, 9)
    assert not capsys.readouterr().out and aside.read_bytes() == bad


def test_a_full_disk_is_an_error_with_the_files_name(tmp_path, monkeypatch):
    def write_nothing(line):
        raise OSError(errno.ENOSPC, "No space left on device")

    writers = write(tmp_path)
    full = SimpleNamespace(write=write_nothing, name=writers._file.name, close=writers._file.close)
    monkeypatch.setattr(writers, "_file", full)
    with pytest.raises(OSError, match=r"Cannot write .*metrics\.jsonl.*: No space left"):
        writers.scalars(1, {})
    writers.close()


def test_nothing_to_truncate(tmp_path):
    truncate(tmp_path / "metrics.jsonl", 3)
    assert not list(tmp_path.iterdir())


def test_an_animation_is_an_image_of_its_own_bytes(tmp_path):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    gif = tmp_path / "clip.gif"
    frames[0].save(gif, save_all=True, append_images=frames[1:])
    writers = write(tmp_path)
    writers.picture(5, "samples", gif)
    writers.close()
    [(step, value)] = events(tmp_path)
    assert (step, value.tag) == (5, "samples")
    assert value.image.encoded_image_string == gif.read_bytes()
    assert Image.open(io.BytesIO(value.image.encoded_image_string)).n_frames == 2


def test_unknown_backend(tmp_path):
    message = r'Unknown config\.tensorboard "wandb"\. Known: tensorboardX, clu\.'
    with pytest.raises(ValueError, match=message):
        Writers(tmp_path, step=0, backend="wandb")


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is not None, reason="TensorFlow is installed"
)
def test_clu_without_tensorflow(tmp_path):
    with pytest.raises(
        ImportError, match=r"clu.* needs TensorFlow.*pip install 'ssagan_jax\[tensor"
    ):
        Writers(tmp_path, step=0, backend="clu")


def test_clus_own_writer(tmp_path):
    pytest.importorskip("tensorflow", reason="needs the tensorflow extra")
    pytest.importorskip("tensorboard", reason="needs the tensorflow extra")
    gif = tmp_path / "clip.gif"
    Image.new("RGB", (4, 4)).save(gif)
    writers = Writers(tmp_path, step=0, backend="clu")
    writers.scalars(1, {"g/l1": 0.5})
    writers.picture(5, "samples", gif)
    writers.close()
    assert {(step, value.tag) for step, value in events(tmp_path)} == {(1, "g/l1"), (5, "samples")}


def test_a_resumed_run_purges_later_points_from_tensorboard(tmp_path):
    write(tmp_path, step=0, lines=[(5, {"g/l1": 1.0})]).close()
    write(tmp_path, step=3, lines=[(4, {"g/l1": 2.0})]).close()
    starts = [event.step for event in every_event(tmp_path) if event.HasField("session_log")]
    assert starts == [4]


@pytest.fixture
def refusing(monkeypatch, tmp_path):
    """A workdir that counts as a bucket's, which refuses uploads while the list is not empty."""
    refusals = []

    def put(file, target):
        if refusals:
            raise OSError("503: try later")
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(file.read_bytes())

    monkeypatch.setattr(paths, "is_bucket", lambda where: True)
    monkeypatch.setattr(paths, "put", put)
    monkeypatch.setattr(paths, "path", lambda where: tmp_path)
    return refusals


def test_a_bucket_that_fails_for_a_while_stops_nothing(refusing, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("ssagan_jax.training.writers.LARGE", 100)
    writers = write(tmp_path, lines=[(1, {"g/l1": 1.0})])
    refusing.append("now")
    writers.scalars(2, {"g/l1": 2.0})
    assert (
        "Metrics were not uploaded (503: try later); the next line tries" in capsys.readouterr().out
    )
    refusing.clear()
    writers.scalars(3, {"g/l1": 3.0})
    writers.close()
    kept = [
        json.loads(line)["step"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()
    ]
    assert kept == [1, 2, 3]
    assert sorted(step for step, _ in events(tmp_path)) == [1, 2, 3]


def test_what_a_bucket_never_took_stays_on_this_machine(refusing, tmp_path):
    writers = write(tmp_path, lines=[(1, {"g/l1": 1.0})])
    refusing.append("now")
    folder = writers._mirror.folder
    with pytest.raises(OSError, match=rf"503: try later\. What {tmp_path} lacks is in {folder}"):
        writers.close()
    assert (folder / "metrics.jsonl").exists()
    shutil.rmtree(folder)


def test_without_a_board_only_lines_are_written_and_trackers_are_told(tmp_path):
    told = []
    tracking = Mock(spec=Tracking)
    tracking.scalars.side_effect = lambda *call: told.append(call)
    tracking.media.side_effect = lambda *call: told.append(call)
    writers = Writers(tmp_path, step=0, backend="", tracking=tracking)
    (tmp_path / "a.png").write_bytes(b"picture")
    writers.scalars(1, {"x": 1.0})
    writers.picture(1, "samples", tmp_path / "a.png")
    writers.close()
    assert told == [(1, {"x": 1.0}), (1, "samples", tmp_path / "a.png")]
    tracking.close.assert_called_once()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "metrics.jsonl"]
