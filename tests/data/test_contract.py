import re

import pytest

from ssagan_jax.data.contract import check_index, check_options, hash_split, random_windows

GOOD = {"split": "train", "size": 8, "frames": 2, "frame_step": 1}
GOOD |= {"windows": "all", "crop": "none"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"split": "val"}, 'Unknown split "val". Expected one of: train, test.'),
        ({"windows": "last"}, 'Unknown windows "last". Expected "all"'),
        ({"windows": "random:0"}, 'Unknown windows "random:0".'),
        ({"crop": "left"}, 'Unknown crop "left". Expected "none" (frames'),
        ({"size": 0}, "size is 0; expected a whole number of at least 1."),
        ({"frames": -1}, "frames is -1; expected"),
        ({"frame_step": 0}, "frame_step is 0; expected"),
    ],
)
def test_options_out_of_range(wrong, message):
    check_options(**GOOD)
    with pytest.raises(ValueError, match=re.escape(message)):
        check_options(**{**GOOD, **wrong})


def test_random_windows_say_how_many():
    check_options(**{**GOOD, "windows": "random:6"})
    found = [random_windows(windows) for windows in ("random:6", "random:", "random:-1", "all")]
    assert found == [6, None, None, None]


def test_index():
    assert check_index(2, 3) == 2
    assert check_index(-1, 3) == 2
    for index in (3, -4):
        with pytest.raises(IndexError, match=f"Clip {index} was asked for; the source has 3"):
            check_index(index, 3)


def test_split_hash_depends_on_ids_starts_and_order():
    clips = [("a", 0), ("a", 32), ("b", 0)]
    others = [clips[:2], clips[::-1], [("a", 0), ("a", 16), ("b", 0)]]
    hashes = {hash_split(clips), *map(hash_split, others)}
    assert len(hashes) == 4
    assert hash_split(iter(clips)) == hash_split(clips)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in hashes)
