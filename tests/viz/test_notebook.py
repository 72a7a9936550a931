"""What notebooks share: the check, the photo, and what is shown on the page."""

import base64
import io
import re
import sys
import types
from importlib import metadata

import jax
import numpy as np
import pytest
from PIL import Image

from ssagan_jax.distributed.jax_setup import cache_folder
from ssagan_jax.io import video_files
from ssagan_jax.viz import notebook
from ssagan_jax.viz.tables import Table, Value

CLIP = np.random.default_rng(0).integers(0, 256, (4, 16, 24, 3), np.uint8)


@pytest.fixture(autouse=True)
def settings_stay(monkeypatch):
    """Not on Colab, no limit on steps; what ``check`` sets of JAX and the logs is undone."""
    from absl import logging

    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    monkeypatch.delenv(notebook.STEPS, raising=False)
    folder, level = jax.config.jax_compilation_cache_dir, logging.get_verbosity()
    yield
    jax.config.update("jax_compilation_cache_dir", folder)
    logging.set_verbosity(level)


@pytest.fixture
def requirements(monkeypatch):
    """Sets what the package needs."""
    return lambda *texts: monkeypatch.setattr(metadata, "requires", lambda _: list(texts))


def test_check_prints_versions_and_devices(capsys):
    notebook.check()
    printed = capsys.readouterr().out
    assert f"jax {jax.__version__}" in printed and "Devices: cpu (cpu)" in printed
    assert "minutes. For a GPU: install JAX for yours" in printed


def test_check_keeps_compiled_programs(monkeypatch):
    jax.config.update("jax_compilation_cache_dir", None)
    notebook.check()
    assert jax.config.jax_compilation_cache_dir == str(cache_folder("xla"))
    jax.config.update("jax_compilation_cache_dir", "elsewhere")
    notebook.check()
    assert jax.config.jax_compilation_cache_dir == "elsewhere"


@pytest.mark.parametrize(("release", "how"), [("", "install JAX"), ("2026", "Change runtime type")])
def test_check_stops_where_an_accelerator_is_needed(monkeypatch, release, how):
    if release:
        monkeypatch.setenv("COLAB_RELEASE_TAG", release)
    with pytest.raises(
        notebook.NotReady, match=f"JAX sees a CPU only.*{how}.*FULL = False"
    ) as info:
        notebook.check(accelerator=True)
    [line] = info.value._render_traceback_()
    assert line == f"STOPPED: {info.value}"


def test_check_says_no_more_where_there_is_an_accelerator(monkeypatch, capsys):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    notebook.check(accelerator=True)
    assert "For a GPU" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ("numpy>=99", f"numpy is {np.__version__}, needed is >=99"),
        ("no-such-package>=1", "no-such-package is missing"),
    ],
)
def test_check_stops_without_what_is_needed(requirements, requirement, words):
    requirements("jax", requirement, "also-missing; extra == 'test'")
    with pytest.raises(notebook.NotReady, match=f"^{re.escape(words)}. Run the install cell"):
        notebook.check()


def test_steps(monkeypatch):
    assert notebook.steps(250) == 250
    monkeypatch.setenv(notebook.STEPS, "4")
    assert notebook.steps(250) == 4 and notebook.steps(3) == 3


@pytest.mark.parametrize("text", ["0", "few", "-1"])
def test_steps_refuses(monkeypatch, text):
    monkeypatch.setenv(notebook.STEPS, text)
    with pytest.raises(ValueError, match=f'SSAGAN_NOTEBOOK_STEPS is "{text}"; expected a number'):
        notebook.steps(250)


def test_without_a_choice_the_photo_is_painted():
    photo = notebook.photo(size=48)
    assert photo.shape == (48, 48, 3) and photo.dtype == np.uint8 and photo.std() > 5


def test_the_photo_of_a_path(tmp_path):
    Image.fromarray(CLIP[0]).save(tmp_path / "photo.png")
    np.testing.assert_array_equal(notebook.photo(str(tmp_path / "photo.png")), CLIP[0])


def test_painted_clips_are_of_the_test_split():
    clips = notebook.painted_clips(2, size=48, frames=8)
    assert clips.shape == (2, 8, 48, 48, 3) and clips.dtype == np.uint8
    np.testing.assert_array_equal(clips[1, 0], notebook.photo(size=48))


def test_a_configuration_with_keys_set():
    config = notebook.load_config("quickstart", {"num_steps": 4, "optimizer.learning_rate": 1e-4})
    assert (config.num_steps, config.optimizer.learning_rate) == (4, 1e-4)
    with pytest.raises(ValueError, match=r'Did you mean "config\.num_steps"'):
        notebook.load_config("quickstart", {"num_step": 4})


def colab(monkeypatch, names):
    """A Colab whose visitor chooses these files."""
    files = types.SimpleNamespace(upload=lambda: dict.fromkeys(names, b""))
    monkeypatch.setenv("COLAB_RELEASE_TAG", "2026")
    for name, module in (
        ("google", object()),
        ("google.colab", types.SimpleNamespace(files=files)),
    ):
        monkeypatch.setitem(sys.modules, name, module)


def test_the_photo_that_is_uploaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(CLIP[1]).save("mine.png")  # where Colab puts what is uploaded
    colab(monkeypatch, ["mine.png"])
    np.testing.assert_array_equal(notebook.photo("upload"), CLIP[1])


def test_no_upload(monkeypatch):
    with pytest.raises(
        ValueError, match=r'"upload" asks for a photo on Colab only\. Give the path'
    ):
        notebook.photo("upload")
    colab(monkeypatch, [])
    with pytest.raises(ValueError, match=r"No photo was chosen\. Run the cell again"):
        notebook.photo("upload")


def test_clips_are_in_the_page(tmp_path):
    pytest.importorskip("IPython", reason="notebooks need IPython: pip install -e '.[notebooks]'")
    shown = notebook.show_clips({"a & b": CLIP, "c": CLIP[:2]}, fps=5, width=200).data
    assert shown.count('muted loop playsinline width="200"') == 2 and "a &amp; b" in shown
    for text, frames in zip(re.findall('base64,([^"]*)"', shown), (4, 2), strict=True):
        (tmp_path / "clip.mp4").write_bytes(base64.b64decode(text))
        clip = video_files.read_video(tmp_path / "clip.mp4")
        assert clip.shape == (frames, 16, 24, 3)
    import av

    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.streams.video[0].average_rate == 5


def test_frames_are_a_picture():
    pytest.importorskip("IPython", reason="notebooks need IPython: pip install -e '.[notebooks]'")
    shown = notebook.show_frames({"photo": CLIP[0], "clip": CLIP}, columns=3)
    assert shown.format == "png" and Image.open(io.BytesIO(shown.data)).width > 3 * 24


@pytest.mark.parametrize("as_file", [False, True])
def test_pictures_are_png(tmp_path, as_file):
    pytest.importorskip("IPython", reason="notebooks need IPython: pip install -e '.[notebooks]'")
    Image.fromarray(CLIP[0]).save(tmp_path / "a.png")
    shown = notebook.show_picture(tmp_path / "a.png" if as_file else CLIP[0], width=99)
    assert shown.format == "png" and shown.width == 99
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(shown.data))), CLIP[0])


def test_a_moving_picture_is_a_looping_gif_of_every_second_frame():
    pytest.importorskip("IPython", reason="notebooks need IPython: pip install -e '.[notebooks]'")
    shown = notebook.show_moving(CLIP, width=12, colours=8, fps=10)
    picture = Image.open(io.BytesIO(shown.data))
    assert shown.format == "gif" and picture.size == (12, 8)
    assert picture.n_frames == 2 and picture.info["loop"] == 0 and picture.info["duration"] == 100


def test_tables_have_intervals_below_numbers():
    pytest.importorskip("IPython", reason="notebooks need IPython: pip install -e '.[notebooks]'")
    line = {"label": "still", "mse": Value(0.5, 0.25, 0.75, digits=2), "note": "not run"}
    sheet = Table({"label": "row", "mse": "MSE", "note": "note"}, [line])
    whole, part = notebook.show_table(sheet).data, notebook.show_table(sheet, ("label", "mse")).data
    assert "0.50<br><small>0.25 to 0.75</small>" in part
    assert "not run" in whole and "not run" not in part and "(" not in part
