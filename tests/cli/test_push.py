"""``ssagan push``."""

from ssagan_jax.cli.main import main
from ssagan_jax.export import safetensors_folder


def test_it_says_where_it_is(capsys, monkeypatch):
    asked = []

    def push(path, address, **options):
        asked.append((path, address, options))
        return f"{address}@1"

    monkeypatch.setattr(safetensors_folder, "push", push)
    command = ["push", "--workdir=run", "hf://org/sky", "--license=other", "--private"]
    assert main([*command, "--revision=v2"]) == 0
    options = {"licence": "other", "private": True, "revision": "v2"}
    assert asked == [("run", "hf://org/sky", options)]
    assert capsys.readouterr().out == "hf://org/sky@1\n"
