"""Winds in words, degrees and numbers, and the fields that follow."""

import numpy as np
import pytest

from ssagan_jax.animation import named_winds
from ssagan_jax.animation.named_winds import LIVELY, blown, parse, radial
from tests.helpers.movers import blower, mover

SIZE = 32


def square():
    photo = np.full((SIZE, SIZE, 3), 40, np.uint8)
    photo[:20] = 180
    return photo


def wind_of(wind, aspect=0.5, seed=None, **options):
    return blown(blower(**options), square(), wind=wind, seed=seed, aspect=aspect).fields


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, None),
        ("right", 0.0),
        ("down", 270.0),
        ("near", "near"),
        ("-45", -45.0),
        (30, 30.0),
        (np.float32(30), 30.0),
        ("0.01,-0.02", (0.01, -0.02)),
        ((0.01, 0), (0.01, 0.0)),
        (np.array([0.5, 0], np.float32) / 16, (0.03125, 0.0)),
    ],
)
def test_what_a_wind_may_be(given, found):
    assert parse(given) == found


@pytest.mark.parametrize("wind", ["north", "", "1,2,3", "nan", float("inf"), (1, 2, 3), [], {}])
def test_what_is_no_direction(wind):
    with pytest.raises(ValueError, match=r"A wind is right, up, left, down, away, near, degrees"):
        parse(wind)


@pytest.mark.parametrize("wind", [(0, 0), (0.2, 0), "0.01,0.5"])
def test_two_numbers_in_range(wind):
    with pytest.raises(ValueError, match=r"shares of the picture per frame, up to 0\.1 and not 0"):
        parse(wind)


def test_the_likely_one_or_a_drawn_one():
    np.testing.assert_allclose(wind_of(None).wind, [0.01, 0])
    np.testing.assert_allclose(wind_of(None, seed=3).wind, [-0.02, 0])
    found = wind_of(None)
    assert found.velocity.shape == (SIZE, SIZE, 2) and found.mask.shape == (SIZE, SIZE)
    assert found.change.shape == (16, SIZE, SIZE, 3)


def test_a_direction_has_the_likely_speed_on_the_photo():
    """Half as high as wide: a share of the height is half as many pixels."""
    np.testing.assert_allclose(wind_of("left").wind, [-0.01, 0], atol=1e-6)
    np.testing.assert_allclose(wind_of("up").wind, [0, -0.02], atol=1e-6)
    np.testing.assert_allclose(wind_of("down", likely=(0, 0.02)).wind, [0, 0.02], atol=1e-6)
    up_right = 0.01 * np.sqrt(0.5)
    np.testing.assert_allclose(wind_of(45).wind, [up_right, -2 * up_right], rtol=1e-5)


def test_a_direction_is_lively():
    np.testing.assert_allclose(wind_of("right", likely=(-0.001, 0)).wind, [LIVELY, 0])
    np.testing.assert_allclose(wind_of(None, likely=(-0.001, 0)).wind, [-LIVELY, 0], rtol=1e-5)
    np.testing.assert_allclose(wind_of(None, likely=(0, 0)).wind, [LIVELY, 0])


def test_two_numbers_are_taken_as_they_are():
    np.testing.assert_allclose(wind_of((0.001, 0.002)).wind, [0.001, 0.002])


@pytest.mark.parametrize(("name", "sign"), [("away", 1), ("near", -1)])
def test_away_is_towards_the_middle_of_the_horizon(name, sign):
    found = wind_of(name, aspect=0.75)
    left, middle, right = (sign * found.velocity[4, column] for column in (2, 16, 29))
    assert left[0] > 0 > right[0] and abs(middle[0]) < 0.1 * left[0]
    assert left[1] > 0 and middle[1] > 0
    assert sign * found.velocity[15, 16, 1] < 0.5 * middle[1]  # slower near the horizon
    assert not found.velocity[24:].any()


def test_the_mean_speed_of_a_radial_field():
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[:16] = 1
    field = radial(mask, speed=0.01, aspect=0.5)
    assert np.hypot(field[:16, :, 0], 0.5 * field[:16, :, 1]).mean() == pytest.approx(0.01)
    assert not radial(np.zeros((4, 4), np.float32), speed=1, aspect=1).any()


def test_a_model_without_wind():
    still = blower(takes_wind=False)
    found = blown(still, square(), aspect=1)
    assert found.words is None and found.vector() is None
    assert blown(mover(), square(), aspect=1) is None
    for model in (still, mover()):
        with pytest.raises(ValueError, match="This model takes no wind"):
            blown(model, square(), wind="left", aspect=1)


def test_the_wind_of_a_models_own_clip():
    found = blown(blower(), square(), wind="left", aspect=1)
    np.testing.assert_allclose(found.vector(), [-0.01, 0], atol=1e-6)
    with pytest.raises(ValueError, match="The wind away moves the photo's own pixels"):
        blown(blower(), square(), wind="away", aspect=1).vector()


def test_words_for_people():
    told = named_winds.described(np.array([0.012, -0.004]), 0.5)
    assert told == "1.2 % of the width a frame, to the right (9 degrees)"
    assert "lower left (225 degrees)" in named_winds.described(np.array([-0.01, 0.01]), 1.0)
    away = blown(blower(), square(), wind="away", aspect=1).words
    assert away == "1 % of the width a frame on average, away"
