"""``ssagan export``."""

import ssagan_jax.export
from ssagan_jax.cli.main import main
from tests.helpers.commands import refused


def test_it_says_what_was_written(capsys, monkeypatch):
    asked = []

    def export(path, output, **options):
        asked.append((path, output, options))
        return output

    monkeypatch.setattr(ssagan_jax.export, "export", export)
    command = ["export", "--workdir=run", "--format=onnx", "-o", "sky.onnx"]
    assert main([*command, "--batch=2", "--overwrite"]) == 0
    options = {"format": "onnx", "batch": "2", "overwrite": True, "licence": None}
    assert asked == [("run", "sky.onnx", options)]
    assert capsys.readouterr().out == "sky.onnx\nsky.onnx.json\n"
    assert main(["export", "--workdir=run", "--format=safetensors", "-o", "sky"]) == 0
    assert capsys.readouterr().out == "sky\n"  # its card is within


def test_an_unknown_format(capsys):
    error = refused(capsys, "export", "--workdir=run", "--format=x", "-o", "out")
    assert 'Unknown export format "x".' in error
