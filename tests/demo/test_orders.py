"""What a query string may ask for."""

import pytest

from ssagan_jax.demo.orders import Order, Refused, parse_order


def test_an_empty_query_is_the_usual_clip():
    assert parse_order({}) == Order(speed=1.0, seconds=4.0, seed=0, moves="everything")
    assert Order().frames == 100


def test_a_wind_and_a_scene():
    assert parse_order({"wind": "0.01,-0.002"}).wind == "0.01,-0.002"
    assert parse_order({"live": "1"}).live is True


def test_all_options():
    query = {"speed": "0.5", "seconds": "2", "seed": "7", "moves": "painted", "mask_bytes": "12"}
    order = parse_order(query)
    assert order == Order(speed=0.5, seconds=2.0, seed=7, moves="painted", mask_bytes=12)


@pytest.mark.parametrize("seconds", [1.0, 1.01, 1.06, 9.98])
def test_the_number_of_frames_is_even(seconds):
    frames = Order(seconds=seconds).frames
    assert frames % 2 == 0 and abs(frames - 25 * seconds) <= 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"speed": "4"}, r"speed is a number from 0\.25 to 3\.0, got '4'"),
        ({"speed": "nan"}, "speed is a number"),
        ({"seconds": "1_0"}, "seconds is a number"),
        ({"seed": "1.5"}, "seed is a number from 0 to 2147483647"),
        ({"moves": "sea"}, "moves is everything, sky or painted, got 'sea'"),
        ({"moves": "painted"}, "mask_bytes goes with moves=painted"),
        ({"mask_bytes": "3"}, "mask_bytes goes with moves=painted"),
        ({"wind": "north"}, "A wind is right, up, left, down"),
        ({"live": "2"}, "live is a number from 0 to 1"),
        ({"size": "9"}, "Unknown option 'size'"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(Refused, match=message) as refused:
        parse_order(query)
    assert refused.value.status == 400
