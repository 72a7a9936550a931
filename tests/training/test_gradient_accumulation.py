"""A batch in parts against the whole batch."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from ssagan_jax.models.layers.conv import ConvBlock
from ssagan_jax.ops.clip import still
from ssagan_jax.training.gradient_accumulation import accumulate_gradients, split
from ssagan_jax.types import Generated, Judged
from tests.helpers.stubs import clips, drawn_state, leaves, make_gan, quick_jit, train_step

POINTWISE = (1, 1, 1)
BATCH = {"clip": jnp.asarray(clips(4))}


class Generator(nn.Module):
    """One spectrally normalised convolution and a norm."""

    norm: str = "none"
    size: int = 12
    frames: int = 2

    @nn.compact
    def __call__(self, frame, *, train):
        x = still(frame, frames=self.frames)
        x = ConvBlock(3, POINTWISE, norm=self.norm, slope=None, name="block")(x, train=train)
        return Generated(clip=jnp.tanh(x))


class Discriminator(nn.Module):
    """The same, and a mean over all pixels of one hidden layer."""

    norm: str = "none"
    size: int = 12
    frames: int = 2

    @nn.compact
    def __call__(self, clip, *, train):
        x = ConvBlock(4, POINTWISE, norm=self.norm, name="block")(clip, train=train)
        return Judged(logits=nn.Dense(1, name="output")((x * x).mean((1, 2, 3))))


def run(parts, **changes):
    gan = make_gan(sgd=True, micro_batches=parts, ema_decay=0.5, **changes)
    before = drawn_state(gan)
    return before, *quick_jit(partial(train_step, gan, update_generator=True))(before, BATCH)


def assert_close(found, expected):
    found, expected = leaves(found), leaves(expected)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(("norm", "parts"), [("none", 4), ("instance", 2), ("layer", 4)])
def test_parts_are_the_whole_where_no_statistics_join_clips(norm, parts):
    networks = dict(generator=Generator(norm), discriminator=Discriminator(norm))
    before, whole, metrics = run(1, **networks)
    old, new = leaves(before), leaves(whole)
    moved = ("block/Conv_0/kernel", "spectral/block/Conv_0/SpectralNorm_0/u")
    assert all(
        any(name.endswith(end) and not np.array_equal(old[name], new[name]) for name in old)
        for end in moved
    )
    _, found, found_metrics = run(parts, **networks)
    assert_close(found, whole)
    assert_close(found_metrics, metrics)


def test_batch_norm_sees_one_part_at_a_time():
    """Its running statistics move with each part: first the clips 0 and 2, then 1 and 3."""
    before, after, _ = run(2)
    kernel = before.generator.params["dense"]["kernel"]
    hidden = (clips(4)[:, 0] / 127.5 - 1) @ kernel
    stats = before.generator.stats["batch_stats"]["norm"]
    for _ in ("the discriminator's update", "the generator's"):
        for part in (hidden[0::2], hidden[1::2]):
            rows = part.reshape(-1, part.shape[-1])
            stats = {
                "mean": 0.9 * stats["mean"] + 0.1 * rows.mean(0),
                "var": 0.9 * stats["var"] + 0.1 * rows.var(0, ddof=1),
            }
    assert_close(after.generator.stats["batch_stats"]["norm"], stats)


def test_each_part_draws_with_a_key_of_its_own():
    def grad_fn(stats, batch, rng):
        return jax.random.uniform(rng), stats

    rng = jax.random.key(3)
    stats = {"generator": {}, "discriminator": {}}
    batch = grad_fn, stats, {"clip": jnp.zeros((4, 1))}, rng
    found, _ = accumulate_gradients(*batch, micro_batches=2)
    drawn = [jax.random.uniform(jax.random.fold_in(rng, part)) for part in range(2)]
    assert found == pytest.approx(float(np.mean(drawn)))
    found, _ = accumulate_gradients(*batch, micro_batches=1)
    assert found == jax.random.uniform(rng)


def test_a_part_takes_equally_from_all_of_the_batch():
    parts = split(jnp.arange(8).reshape(8, 1), 2)
    assert parts[..., 0].tolist() == [[0, 2, 4, 6], [1, 3, 5, 7]]
