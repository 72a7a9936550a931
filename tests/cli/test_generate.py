"""``ssagan generate``: its options, and errors in one line."""

import pytest
from PIL import Image

from ssagan_jax.animation import files as animation_files
from ssagan_jax.animation.options import Options
from ssagan_jax.animation.outputs import Files
from ssagan_jax.checkpoints import bundled
from ssagan_jax.cli.main import main
from tests.helpers.commands import refused


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (20, 20)).save(path)
    return str(path)


def test_generate_without_a_model_says_how_to_get_one(capsys, tmp_path, monkeypatch, photo):
    monkeypatch.setattr(bundled, "ASSETS", tmp_path / "assets")
    error = refused(capsys, "generate", photo, "-o", f"{tmp_path}/sky.mp4")
    assert "No bundled model" in error and "--workdir=DIR" in error and "ssagan train" in error


def test_generate_passes_its_options_on(capsys, monkeypatch):
    asked = {}

    def animate_files(photos, output, *, done, **options):
        asked.update(options, photos=photos, output=output)
        done("a.mp4")

    monkeypatch.setattr(animation_files, "animate_files", animate_files)
    given = ["--size=640", "--frames=5", "--speed=0.5", "--loop", "--seed=3", "--side-by-side"]
    given += ["--mask=sky", "--checkpoint=run/1", "--wind=-30"]
    files = ["--fps=12", "--gif", "--save-frames", "--save-mask", "--overwrite"]
    assert main(["generate", "a.jpg", "b.jpg", "-o", "out", *given, *files]) == 0
    assert asked == {
        "photos": ["a.jpg", "b.jpg"],
        "output": "out",
        "path": "run/1",
        "mask": "sky",
        "options": Options(
            size=640, frames=5, speed=0.5, loop=True, seed=3, side_by_side=True, wind="-30"
        ),
        "files": Files(fps=12.0, gif=True, save_frames=True, save_mask=True, overwrite=True),
    }
    assert capsys.readouterr().out == "a.mp4\n"
    assert main(["generate", "a.jpg", "-o", "out"]) == 0
    assert (asked["options"], asked["files"]) == (Options(), Files())
    assert asked["path"] is None and asked["mask"] is None


def test_generate_without_a_checkpoint(capsys, tmp_path, photo):
    error = refused(capsys, "generate", photo, "-o", f"{tmp_path}/a.mp4", f"--workdir={tmp_path}")
    assert f"No checkpoint in {tmp_path}" in error


def test_generate_with_a_photo_that_is_none(capsys, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"<html>quota exceeded</html>")
    error = refused(
        capsys, "generate", str(broken), "-o", f"{tmp_path}/a.mp4", f"--workdir={tmp_path}"
    )
    assert str(broken) in error


def test_generate_into_a_place_that_cannot_be_written(capsys, tmp_path, photo):
    (tmp_path / "file").write_text("")
    output = tmp_path / "file" / "a.mp4"
    assert str(output) in refused(
        capsys, "generate", photo, "-o", str(output), f"--workdir={tmp_path}"
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [("--wind=north", "A wind is right, up, left"), ("--speed=100", "speed is from 0.05 to 20")],
)
def test_generate_refuses_options_out_of_range(capsys, tmp_path, photo, option, message):
    assert message in refused(capsys, "generate", photo, "-o", f"{tmp_path}/a.mp4", option)
