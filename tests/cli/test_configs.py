"""``ssagan configs``."""

from ssagan_jax.cli.main import main


def test_every_config_is_listed_with_its_purpose(capsys):
    assert main(["configs"]) == 0
    printed = capsys.readouterr().out
    assert "ssagan              SSA-GAN, the paper's model: 128 x 128 x 32, batch 16.\n" in printed
    assert "common.py" in printed
