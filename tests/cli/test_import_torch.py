"""``ssagan import-torch``."""

from ssagan_jax.checkpoints.torch import conversion
from ssagan_jax.cli.main import main
from tests.helpers.commands import refused


def test_the_options_arrive(capsys, monkeypatch):
    asked = []

    def import_torch(file, output, **options):
        asked.append((file, output, options))
        return output

    monkeypatch.setattr(conversion, "import_torch", import_torch)
    command = ["import-torch", "a.pth", "--output=run", "--model=mdgan", "--stage=2", "--first=b"]
    assert main(command) == 0
    expected = {"model": "mdgan", "role": "generator", "stage": 2, "first": "b"}
    assert asked == [("a.pth", "run", expected)]
    assert capsys.readouterr().out == "run\n"


def test_a_missing_file(capsys, tmp_path):
    error = refused(capsys, "import-torch", "none.pth", f"--output={tmp_path}/run")
    assert "No file none.pth. Expected what torch.save(state_dict) wrote." in error
