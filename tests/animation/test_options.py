"""Options in and out of range."""

import pytest

from ssagan_jax.animation.options import Options


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"size": "huge"}, "size is native or model, or a number of pixels from 2, got 'huge'"),
        ({"size": 1}, "size is native or model, or a number of pixels from 2, got 1"),
        ({"frames": 0}, "frames is how many to make, at least 1, got 0"),
        ({"speed": 0.0}, r"speed is from 0\.05 to 20\.0, got 0"),
        ({"speed": float("nan")}, "speed is from"),
        ({"wind": "north"}, "A wind is right, up, left, down, away, near, degrees"),
    ],
)
def test_refuses_other_options(option, message):
    with pytest.raises(ValueError, match=message):
        Options(**option)


def test_a_wind_in_any_form():
    for wind in (None, "away", "45", 45, (0.01, 0.0)):
        assert Options(wind=wind).wind == wind
