"""Verifying reads what a build would, in as many processes as are asked for."""

import pytest

from ssagan_jax.data.building import groups
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.verifying import verify_shots
from tests.helpers.made_shots import make_shot


@pytest.mark.parametrize("workers", [1, 2])
def test_counts_and_oddities_are_in_order(tmp_path, monkeypatch, workers):
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 1)
    shots = [make_shot(tmp_path, name, frames) for name, frames in [("a", 40), ("b", 1), ("c", 33)]]
    items = [Skipped("x", "known before"), *shots]
    scan = verify_shots(items, dataset="sky", source="s", workers=workers)
    assert scan.shots == {"train": [("a", 40), ("c", 33)]} and scan.written_to is None
    reasons = [item.reason for item in scan.skipped]
    assert reasons == ["known before", "an end", "an end", "fewer than 2 usable frames", "an end"]
