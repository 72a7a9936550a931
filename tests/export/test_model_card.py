"""The card of a model folder: what is known stands in it, and nothing else."""

import numpy as np
import pytest

from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.export.model_card import check_licence, write_card
from tests.helpers.made_results import make_results

CONFIG = {"dataset": {"name": "sky"}}
INFO = {"path": "run", "step": "3000", "hash": "abc"}
MODEL = (NetworkConfig("ssagan", {}, 64, 32), {"params": {"a": np.zeros(1234)}}, INFO)
KNOWN = {"config": CONFIG, "provenance": {"seed": 3}, "where": "hf://org/sky"}


def test_what_is_known_stands_in_it():
    card = write_card(MODEL, **KNOWN, results=make_results(), licence="cc-by-4.0")
    assert card.startswith("---\nlicense: cc-by-4.0\nlibrary_name: ssagan_jax\n")
    for line in (
        "# sky",
        "| model | ssagan, 1,234 parameters |",
        "| clips | 64 x 64 pixels, 32 frames |",
        "| trained on | sky |",
        "| step | 3000 |",
        "| seed | 3 |",
        "| licence | cc-by-4.0 |",
        "    ssagan generate photo.jpg -o clip.mp4 --workdir=hf://org/sky",
    ):
        assert f"{line}\n" in card
    assert (
        "| standard psnr | 24.91 | - |\n" in card
        and "ssagan evaluate --workdir=hf://org/sky" in card
    )
    assert "None" not in card


def test_what_is_not_known_is_left_out_or_said():
    card = write_card(MODEL, **KNOWN, results=None, licence=None)
    assert "license:" not in card and "| licence | not said |" in card
    assert "batch size" not in card and "None came with it." in card
    other = make_results()
    other["protocol"]["checkpoint"] = "other"
    assert "24.91" not in write_card(MODEL, **KNOWN, results=other, licence=None)


@pytest.mark.parametrize("licence", ["", "My Own", "mit\ntags: x", "MIT"])
def test_a_licence_has_a_short_name(licence):
    assert check_licence("cc-by-nc-4.0") == "cc-by-nc-4.0"
    with pytest.raises(ValueError, match="is no short name of a licence; expected such as"):
        check_licence(licence)
