"""``ssagan data``."""

from PIL import Image

from ssagan_jax.cli.main import main
from tests.helpers.commands import refused


def test_data_build_and_verify(capsys, tmp_path):
    shot = tmp_path / "raw" / "sky_train" / "vid" / "vid_1"
    shot.mkdir(parents=True)
    for number in range(32):
        Image.effect_noise((16, 16), 50).convert("RGB").save(shot / f"vid_frames_{number:08d}.jpg")
    source = f"--source={tmp_path / 'raw'}"
    assert main(["data", "verify", "sky", source]) == 0
    assert "32" in capsys.readouterr().out
    assert main(["data", "build", "sky", source, f"--data_dir={tmp_path / 'data'}"]) == 0
    assert (tmp_path / "data" / "ssagan_sky").is_dir()
    assert main(["data", "verify", "sky", f"--data-dir={tmp_path / 'data'}"]) == 0
    assert "1.0.0 is whole" in capsys.readouterr().out
    assert "needs --source=DIR" in refused(capsys, "data", "build", "sky")
    error = refused(capsys, "data", "build", "sky", source, "--max-size=3")
    assert "--max-size is not an option of the data set sky" in error
