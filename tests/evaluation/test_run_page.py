"""One page of a run, from what the run has left so far."""

import base64
import json
import re

import numpy as np
import pytest

from ssagan_jax.cli import main
from ssagan_jax.evaluation import run_page
from ssagan_jax.io import photo_files

CONFIG = {
    "dataset": {"name": "synthetic", "size": 64, "frames": 16, "data_dir": "<b>&there"},
    "generator": {"name": "ssagan"},
    "discriminator": {"name": "mdgan"},
    "batch_size": 4,
    "num_steps": 2000,
    "code_version": "9.8",
}
SCORES = {
    "author": {"mse": 0.0625, "psnr": None},
    "perceptual": {"fvd": 1234.5},
    "curves": {"author": {"mse": [1.0]}},
    "left_out": {"author": {"psnr": 3}},
    "interval": {"author": {"mse": [0.0524, 0.0724]}},
}
FVD = {"fvd": {"clips": 32, "enough_clips": 2048}}


def picture(path, value):
    return photo_files.write_image(path, np.full((4, 6, 3), value, np.uint8))


def embedded(path):
    return base64.b64encode(path.read_bytes()).decode()


@pytest.fixture
def begun(tmp_path):
    """A run that has its first lines of metrics, the last one torn."""
    workdir = tmp_path / "a<i>run"
    workdir.mkdir()
    (workdir / "config.json").write_text(json.dumps(CONFIG))
    lines = [{"step": s, "g/l1": 1 / s, "speed/steps_per_s": 2.5} for s in (10, 1020)]
    text = "\n".join(map(json.dumps, lines)) + '\n{"step": 10'
    (workdir / "metrics.jsonl").write_text(text)
    return workdir


@pytest.fixture
def finished(begun):
    """A run that has everything."""
    for step in (10, 1020):
        base = begun / "samples" / f"step_{step:07d}"
        picture(base.with_suffix(".png"), step % 250)
        base.with_suffix(".mp4").write_bytes(b"clip" + bytes([step % 250]))
        base.with_suffix(".gif").write_bytes(b"moving")
    picture(begun / "attention.png", 7)
    picture(begun / "results.png", 8)
    (begun / "parameters.txt").write_text("down1/kernel <3>")
    rows = {"prediction": SCORES, "still": {**SCORES, "author": {"mse": 0.5, "psnr": 20.0}}}
    protocol = {"step": 1000, "data": {"split_hash": "abc123"}, "perceptual": FVD}
    (begun / "results.json").write_text(json.dumps({"rows": rows, "protocol": protocol}))
    return begun


def test_everything_of_a_finished_run_is_there(finished):
    page = run_page.render_run_page(finished)
    latest = finished / "samples" / "step_0001020.png"
    for path in (latest, latest.with_suffix(".mp4"), finished / "attention.png"):
        assert embedded(path) in page
    assert embedded(finished / "results.png") in page
    assert embedded(latest.with_name("step_0000010.png")) not in page
    assert "1,020 of 2,000, of 4 clips each" in page and "synthetic, 64 x 64 x 16" in page
    assert "ssagan, judged by mdgan" in page and "2.5 steps/s" in page and "ssagan_jax 9.8" in page
    assert "<td>0.0625<br><small>0.0524 to 0.0724</small></td><td>-</td>" in page
    assert page.index(">prediction<") < page.index(">still<") < page.index("<td>0.5<br>")
    assert "Results at step 1000" in page and "abc123" in page
    assert "Infinite values left out: prediction author psnr 3" in page
    assert "2,048" in page  # clips that the distance of sets needs
    assert "Losses, gradients and gammas" in page
    assert "down1/kernel &lt;3&gt;" in page
    assert run_page.LATER not in page
    assert "curves" not in page  # not a table of their own


@pytest.mark.parametrize("hint, label", [("winds", "likely wind"), ("masks", "mask of the sky")])
def test_hints_about_the_answer_are_called_so(finished, hint, label):
    assert "hint about the answer" not in run_page.render_run_page(finished)
    found = json.loads((finished / "results.json").read_text())
    found["protocol"][hint] = ["prediction"]
    (finished / "results.json").write_text(json.dumps(found))
    page = run_page.render_run_page(finished)
    assert "hint about the answer" in page and f">{label}" in page


def test_a_gif_stands_in_where_there_is_no_mp4(finished):
    (finished / "samples" / "step_0001020.mp4").unlink()
    page = run_page.render_run_page(finished)
    assert "<video" not in page and base64.b64encode(b"moving").decode() in page


def test_text_of_the_run_is_escaped(finished):
    page = run_page.render_run_page(finished)
    assert "&quot;&lt;b&gt;&amp;there&quot;" in page and "<b>" not in page
    assert "<h1>a&lt;i&gt;run</h1>" in page and "<i>" not in page


def test_nothing_is_loaded_from_elsewhere(finished):
    page = run_page.render_run_page(finished)
    sources = re.findall(r'(?:src|href|url|poster|action)\s*[=(]\s*["\']?([^"\'>]{5})', page)
    assert sources and set(sources) == {"data:"}
    assert "http" not in re.sub(r"base64,[^\"]*|http-equiv", "", page)
    assert not re.search(r"<(script|link|iframe|object|embed|base)\b|@import", page)


def test_a_run_that_has_just_begun(begun):
    page = run_page.render_run_page(begun)
    assert page.count(run_page.LATER) == 3  # samples, results, attention
    assert "Losses, gradients and gammas" in page
    (begun / "metrics.jsonl").unlink()
    page = run_page.render_run_page(begun)
    assert page.count(run_page.LATER) == 5  # speed and curves too
    assert "0 of 2,000" in page


def test_the_command(begun, tmp_path, capsys):
    assert main.main(["report", f"--workdir={begun}"]) == 0
    assert capsys.readouterr().out.strip() == str(begun / "report.html")
    other = tmp_path / "new" / "page.html"
    assert main.main(["report", f"--workdir={begun}", "-o", str(other)]) == 0
    assert (
        other.read_text() == (begun / "report.html").read_text() == run_page.render_run_page(begun)
    )


def test_errors(begun, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no run: expected config\.json there"):
        run_page.write_run_page(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(ValueError, match=r"A report is an \.html file, not .*page\.pdf"):
        run_page.write_run_page(begun, tmp_path / "page.pdf")
    for text in ("{", "[1]", "3"):
        (begun / "config.json").write_text(text)
        with pytest.raises(ValueError, match=r"config\.json is not the JSON object that a run"):
            run_page.write_run_page(begun)
