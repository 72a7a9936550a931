import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.data import pipeline
from ssagan_jax.training.clips import open_data


def opened(dataset, arrays):
    return open_data(resolve(loading.load(f"configs/wind.py:tiny,dataset={dataset}")), arrays)


@pytest.mark.parametrize("arrays", [("clip",), ("clip", "mask"), ("clip", "wind", "moving")])
def test_batches_hold_what_is_asked_for(arrays):
    data = opened("synthetic_wind", arrays)
    assert tuple(sorted(next(data.batches))) == tuple(sorted(arrays))
    for name in ("wind", "mask"):
        assert (name in data.test[0]) == (name in arrays)


def test_what_is_compared_tells_clips_apart_of_which_there_are_as_many():
    one, other = (opened(name, ("clip",)).identity for name in ("synthetic", "synthetic_slow"))
    assert one["train clips"] == other["train clips"]
    assert one["train contents"] != other["train contents"]
    assert one == opened("synthetic", ("clip",)).identity


@pytest.mark.parametrize("data_dir, expected", [("", None), ("gs://b/x", 16)])
def test_more_threads_read_where_clips_are_waited_for(monkeypatch, data_dir, expected):
    asked, plain = [], pipeline.train_batches

    def train_batches(*arguments, workers, **options):
        asked.append(workers)
        return plain(*arguments, workers=0, **options)

    monkeypatch.setattr(pipeline, "train_batches", train_batches)
    settings = loading.load("configs/ssagan.py:tiny", [f"--config.dataset.data_dir={data_dir}"])
    open_data(resolve(settings))
    assert asked == [expected]


def test_a_data_set_that_does_not_know_what_moves():
    with pytest.raises(ValueError, match=r'mask_cross_entropy .* "synthetic" does not know'):
        opened("synthetic", ("clip", "moving"))
