"""What configurations of earlier versions mean."""

from ssagan_jax.config.legacy import LEGACY_DEFAULTS, with_legacy_defaults


def test_only_what_is_missing_is_filled_in():
    stored = {"precision": "bfloat16", "seed": 3}
    expected = {**LEGACY_DEFAULTS, "precision": "bfloat16", "seed": 3}
    assert with_legacy_defaults(stored) == expected
    assert stored == {"precision": "bfloat16", "seed": 3}
