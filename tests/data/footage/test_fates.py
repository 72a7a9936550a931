from pathlib import Path

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.footage.bars import Box
from ssagan_jax.data.footage.fates import Footage, clock, fates_of
from ssagan_jax.data.footage.stretches import Stretch


def test_every_stretch_that_is_not_taken_as_it_is_has_a_line():
    stretches = [
        Stretch(0, 50, 0.0, 2.0, 0.0),
        Stretch(50, 10, 2.0, 2.4, 2.0, "frozen"),
        Stretch(60, 40, 62.4, 64.0, 62.4, "", frozenset({3, 5}), Box(2, 20, 0, 40)),
    ]
    said = [Skipped("a.mp4", "has transparency", kept=True)]
    lines = fates_of(Footage(Path("a.mp4"), "h264, 40 x 22", stretches, [], said))
    assert [(item.reason, item.kept) for item in lines] == [
        ("has transparency", True),
        ("video: h264, 40 x 22", True),
        ("frozen: 0:02.00 to 0:02.40, 10 frames", False),
        ("duplicates: 2 frames left out of 1:02.40 to 1:04.00", True),
        ("black bars: cropped to 40 x 18 pixels, 1:02.40 to 1:04.00", True),
    ]
    assert {item.path for item in lines} == {"a.mp4"}


def test_clock():
    assert [clock(seconds) for seconds in (0, 59.999, 61.5)] == ["0:00.00", "1:00.00", "1:01.50"]
