import numpy as np
import pytest

from ssagan_jax.data.painting import plains
from ssagan_jax.data.painting.canvas import SIDE
from tests.helpers.painting import check_layer, scene


@pytest.mark.parametrize("pattern", plains._PATTERNS)
def test_a_plain_lies_below_the_horizon(pattern, monkeypatch):
    monkeypatch.setattr(plains, "_PATTERNS", {pattern: 1.0})
    rng, light, grains, line = scene(1)
    layer = plains.plain(rng, light, grains, line)
    check_layer(layer)
    assert not layer[: int(0.59 * SIDE)].any()
    assert layer[int(0.62 * SIDE) :, :, 3].min() > 0.99


def test_scattered_numbers_belong_to_their_place():
    row, column = np.meshgrid(np.arange(20.0), np.arange(20.0))
    numbers = plains.scattered(row, column)
    np.testing.assert_array_equal(numbers, plains.scattered(row, column))
    assert numbers.min() >= 0 and numbers.max() < 1 and 0.2 < numbers.std() < 0.4
