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
    "trackers": ("tensorboard",),
}
RENAMED_GATES = {f"none-{kind}-init": f"none_{kind}_init" for kind in ("zero", "normal")}


def with_legacy_defaults(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored configuration with the options that its version did not have yet, and the names
    that values have now.
    """
    found = {**LEGACY_DEFAULTS, **stored}
    gate = stored.get("generator", {}).get("gate")
    if gate in RENAMED_GATES:
        found["generator"] = {**stored["generator"], "gate": RENAMED_GATES[gate]}
    return found
