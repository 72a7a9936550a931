"""``ssagan data``."""

import json

import pytest
from PIL import Image

from ssagan_jax.cli.main import main
from tests.helpers.commands import refused


def test_data_build_and_verify(capsys, tmp_path):
    shot = tmp_path / "raw" / "sky_train" / "vid" / "vid_1"
    shot.mkdir(parents=True)
    for number in range(32):
        Image.effect_noise((16, 16), 50).convert("RGB").save(shot / f"vid_frames_{number:08d}.jpg")
    source = f"--source={tmp_path / 'raw'}"
    report = tmp_path / "report.json"
    assert main(["data", "verify", "sky", source, "--workers=2", f"--report={report}"]) == 0
    assert "32" in capsys.readouterr().out
    assert json.loads(report.read_text())["found"]["train"]["frames"] == 32
    assert main(["data", "build", "sky", source, f"--data_dir={tmp_path / 'data'}"]) == 0
    assert (tmp_path / "data" / "ssagan_sky").is_dir()
    assert main(["data", "verify", "sky", f"--data-dir={tmp_path / 'data'}"]) == 0
    assert "1.0.0 is whole" in capsys.readouterr().out
    assert "needs --source=DIR" in refused(capsys, "data", "build", "sky")
    error = refused(capsys, "data", "build", "sky", source, "--max-size=3")
    assert "--max-size is not an option of the data set sky" in error
    for option in ("--short=cut", "--split=list"):
        error = refused(capsys, "data", "build", "tiny_videos", source, option)
        assert "expected one of" in error


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["build", "--source=x", "--report=r.json"], "data build"),
        (["verify", "--report=r.json"], "data verify without --source=DIR"),
        (["verify", "--workers=4"], "data verify without --source=DIR"),
        (["verify", "--short=drop"], "data verify without --source=DIR"),
        (["verify", "--source=x", "--runner=DirectRunner"], "data verify with --source=DIR"),
        (["verify", "--source=x", "--data-dir=d"], "data verify with --source=DIR"),
        (["fetch", "--to=x", "--workers=2"], "data fetch"),
    ],
)
def test_options_of_another_action_are_refused(capsys, arguments, command):
    action, *given = arguments
    error = refused(capsys, "data", action, "sky", *given)
    assert f"{given[-1].partition('=')[0]} is not an option of {command}." in error
