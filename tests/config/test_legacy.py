"""What configurations of earlier versions mean."""

from ssagan_jax.config.legacy import LEGACY_DEFAULTS, with_legacy_defaults
from ssagan_jax.config.loading import load
from ssagan_jax.config.resolution import resolve


def test_only_what_is_missing_is_filled_in():
    stored = {"precision": "bfloat16", "seed": 3}
    expected = {**LEGACY_DEFAULTS, "precision": "bfloat16", "seed": 3}
    assert with_legacy_defaults(stored) == expected
    assert stored == {"precision": "bfloat16", "seed": 3}


def test_gates_have_the_names_they_have_now():
    stored = {"generator": {"gate": "none-zero-init", "features": 4}}
    assert with_legacy_defaults(stored)["generator"] == {"gate": "none_zero_init", "features": 4}
    assert stored["generator"]["gate"] == "none-zero-init"
    now = {"generator": {"gate": "none_normal_init"}}
    assert with_legacy_defaults(now)["generator"] is now["generator"]


def test_commands_of_earlier_versions_still_work():
    spec = "configs/ablation_attention.py:tiny,gate=none-normal-init"
    assert resolve(load(spec)).generator.options["gate"] == "none_normal_init"
