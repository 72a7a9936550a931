"""What configurations stored by earlier versions mean."""

from collections.abc import Mapping
from typing import Any

# What runs did before they could choose. An option of a network that is not here has the default
# of its model.
LEGACY_DEFAULTS: Mapping[str, Any] = {
    "precision": "float32",
    "remat": "none",
    "micro_batches": 1,
    "eval_clips": 0,
    "metrics": (),
}


def with_legacy_defaults(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored configuration with the options that its version did not have yet."""
    return {**LEGACY_DEFAULTS, **stored}
