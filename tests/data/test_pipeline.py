import itertools
import json

import numpy as np
import pytest

from ssagan_jax import data
from ssagan_jax.data.pipeline import global_position, local_position, train_batches


class Numbered:
    """Clip i is full of i, but for a bright left column."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        clip = np.full((2, 4, 4, 3), index, np.uint8)
        clip[:, :, 0] = 255
        return {"clip": clip, "video": f"video{index}"}

    def describe(self):
        return {}


def take(batches, count):
    return [batch["clip"] for batch in itertools.islice(batches, count)]


def numbers(clips):
    """Which clips are in a list of batches."""
    return np.concatenate(clips)[:, 0, 0, 1, 0].tolist()


def test_batches_are_uint8_clips():
    batch = next(train_batches(Numbered(10), batch_size=4, seed=0))
    assert list(batch) == ["clip"]
    assert batch["clip"].shape == (4, 2, 4, 4, 3)
    assert batch["clip"].dtype == np.uint8
    assert isinstance(batch["clip"], np.ndarray)


def test_every_epoch_has_each_clip_once_in_a_new_order():
    order = numbers(take(train_batches(Numbered(12), batch_size=4, seed=0), 6))
    first, second = order[:12], order[12:]
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    assert first != list(range(12))


def test_seed_decides_the_order():
    orders = [
        numbers(take(train_batches(Numbered(12), batch_size=4, seed=seed), 3)) for seed in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("workers", [0, 3])
def test_resumed_run_sees_what_the_straight_run_sees(workers):
    source = data.source("synthetic", split="train", size=8, frames=2)

    def fresh():
        return train_batches(source, batch_size=4, seed=5, flip=True, workers=workers)

    straight = take(fresh(), 8)
    iterator = fresh()
    start = take(iterator, 3)
    state = json.loads(json.dumps(iterator.get_state()))
    resumed = fresh()
    resumed.set_state(state)
    for expected, got in zip(straight, start + take(resumed, 5), strict=True):
        np.testing.assert_array_equal(expected, got)


def test_processes_share_each_global_batch():
    def read(process_index, process_count):
        return take(
            train_batches(
                Numbered(24),
                batch_size=8,
                seed=3,
                flip=True,
                process_index=process_index,
                process_count=process_count,
            ),
            3,
        )

    alone = read(0, 1)
    shards = [read(index, 4) for index in range(4)]
    assert all(clips.shape[0] == 2 for shard in shards for clips in shard)
    assert sorted(numbers(list(itertools.chain(*shards)))) == list(range(24))
    for step in range(3):
        together = np.concatenate([shard[step] for shard in shards])
        np.testing.assert_array_equal(together, alone[step])


def test_a_position_serves_another_number_of_processes():
    def fresh(process_index, process_count):
        return train_batches(
            Numbered(10),
            batch_size=4,
            seed=3,
            process_index=process_index,
            process_count=process_count,
        )

    two, alone = fresh(1, 2), fresh(0, 1)
    take(two, 3)
    position = global_position(two.get_state(), 2)
    expected = take(alone, 4)[3]
    assert position == {"next_index": 12}
    alone.set_state(local_position(position, 1))
    np.testing.assert_array_equal(take(alone, 1)[0], expected)
    four = [fresh(index, 4) for index in range(4)]
    for batches in four:
        batches.set_state(local_position(position, 4))
    np.testing.assert_array_equal(np.concatenate([take(b, 1)[0] for b in four]), expected)


def test_source_smaller_than_a_batch_is_repeated():
    order = numbers(take(train_batches(Numbered(3), batch_size=9, seed=0), 1))
    assert sorted(order) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_flip_mirrors_about_half_of_the_clips():
    def bright_left(flip):
        clips = take(train_batches(Numbered(50), batch_size=50, seed=0, flip=flip), 2)
        return (np.concatenate(clips)[:, 0, 0, 0, 0] == 255).tolist()

    assert all(bright_left(False))
    assert 25 < sum(bright_left(True)) < 75
    assert bright_left(True) == bright_left(True)


class Blown(Numbered):
    """Clips whose left column is darker in the first frame, in a wind to the right and down."""

    def __getitem__(self, index):
        example = super().__getitem__(index)
        example["clip"][0, :, 0] = 254
        return {**example, "wind": np.array([0.02, 0.01], np.float32)}


def test_batches_have_the_winds_of_their_clips():
    batch = next(train_batches(Blown(10), batch_size=4, seed=0))
    np.testing.assert_array_equal(batch["wind"], [[np.float32(0.02), np.float32(0.01)]] * 4)


def test_the_wind_is_mirrored_and_reversed_with_its_clip():
    batches = train_batches(Blown(100), batch_size=100, seed=0, flip=True, reverse=True)
    batch = next(batches)
    mirrored = batch["clip"][:, :, 0, 0, 0].max(1) != 255
    bright = batch["clip"][:, :, 0].max(axis=(2, 3))
    reversed_ = bright[:, 0] > bright[:, 1]
    assert {(bool(m), bool(r)) for m, r in zip(mirrored, reversed_, strict=True)} == {
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    }
    down = np.where(reversed_, -0.01, 0.01)
    right = np.where(mirrored, -2, 2) * down
    np.testing.assert_allclose(batch["wind"], np.stack([right, down], -1), rtol=1e-6)


def test_threads_change_nothing():
    batches = [
        take(train_batches(Numbered(10), batch_size=4, seed=0, flip=True, workers=workers), 5)
        for workers in (0, 4)
    ]
    np.testing.assert_array_equal(*batches)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0; expected"),
        ({"batch_size": 6, "process_count": 4}, "batch_size 6 does not divide among 4 processes"),
        ({"process_index": 2, "process_count": 2}, "process_index is 2 of 2 processes"),
        ({"workers": -1}, "workers is -1; expected 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        train_batches(Numbered(10), **{"batch_size": 4, "seed": 0, **options})
