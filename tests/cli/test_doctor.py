"""``ssagan doctor``."""

from ssagan_jax.cli.main import main
from ssagan_jax.training import doctor
from tests.helpers.commands import ROOT, TINY, refused


def test_the_command_takes_overrides(monkeypatch, capsys):
    def report(config, *, topology):
        return f"remat {config.generator.remat} on {topology}"

    monkeypatch.setattr(doctor, "describe_needs", report)
    assert main(["doctor", TINY, "--config.remat", "levels", "--topology=v5e:2x4"]) == 0
    assert capsys.readouterr().out == "remat levels on v5e:2x4\n"


def test_an_unknown_key(capsys):
    error = refused(capsys, "doctor", f"--config={ROOT}/configs/quickstart.py", "--config.remta=x")
    assert 'Did you mean "config.remat"?' in error
