"""Folded clips against clips with every frame."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops.conv import conv3d, conv3d_transpose
from ssagan_jax.ops.repeated_frames import (
    convolve_transposed,
    count_positions,
    expand_repeats,
    frame_weights,
    shrink_before_convolution,
)
from tests.helpers.stubs import quick_jit

DRAW = np.random.default_rng(0)
FIRST = dict(strides=(1, 2, 2), padding=(1, 1, 1), implementation="lax")
HALVE = dict(strides=(2, 2, 2), padding=(1, 1, 1), implementation="lax")


def noise(*shape):
    return jnp.asarray(DRAW.normal(size=shape).astype(np.float32))


def test_every_frame_as_often_as_it_occurs():
    x = noise(2, 3, 2, 2, 1)
    found = expand_repeats(x, (1, 4, 2))
    assert np.array_equal(found, np.repeat(x, (1, 4, 2), axis=1))
    assert expand_repeats(x, None) is x


def test_the_gradient_of_a_repeated_frame_is_the_sum():
    total = quick_jit(jax.grad(lambda x: jnp.sum(expand_repeats(x, (1, 4, 2)))))
    slope = np.asarray(total(noise(1, 3, 1, 1, 1)))
    assert slope.ravel().tolist() == [1, 4, 2]


@pytest.mark.parametrize("frames", [3, 8, 32])
def test_a_photo_before_the_first_convolution(frames):
    photo, kernel = noise(2, 1, 8, 8, 3), noise(3, 4, 4, 3, 4)

    @quick_jit
    def both(photo):
        x, kept = shrink_before_convolution(photo, (frames,), stride=1)
        assert x.shape[1] == 3 and sum(kept) == frames
        found = expand_repeats(conv3d(x, kernel, **FIRST), kept)
        return found, conv3d(jnp.repeat(photo, frames, 1), kernel, **FIRST)

    np.testing.assert_allclose(*both(photo), atol=1e-5)


@pytest.mark.parametrize(("frames", "held"), [(64, 6), (32, 6), (16, 6), (8, 6), (4, 4)])
def test_a_folded_clip_before_a_halving_convolution(frames, held):
    folded, kernel = noise(2, 3, 8, 8, 3), noise(4, 4, 4, 3, 4)

    @quick_jit
    def both(folded):
        x, kept = shrink_before_convolution(folded, (1, frames - 2, 1), stride=2)
        assert x.shape[1] == held
        found = expand_repeats(conv3d(x, kernel, **HALVE), kept)
        return found, conv3d(expand_repeats(folded, (1, frames - 2, 1)), kernel, **HALVE)

    np.testing.assert_allclose(*both(folded), atol=2e-5)


def test_where_nothing_is_equal_every_frame_stays():
    x = noise(1, 6, 2, 2, 1)
    assert shrink_before_convolution(x, None, stride=2) == (x, None)
    # A convolution that keeps time would leave five different frames of three.
    y, kept = shrink_before_convolution(x[:, :3], (1, 6, 1), stride=1)
    assert kept is None and y.shape[1] == 8


@pytest.mark.parametrize(
    ("options", "taps", "frames"),
    [(HALVE, 4, 4), (HALVE, 4, 8), (HALVE, 4, 32), (FIRST, 3, 5), (FIRST, 3, 8), (FIRST, 3, 32)],
)
def test_transposed_convolution(options, taps, frames):
    folded, kernel = noise(2, 3, 4, 4, 3), noise(taps, 4, 4, 2, 3)
    convolve, stride = partial(conv3d_transpose, kernel=kernel, **options), options["strides"][0]

    @quick_jit
    def both(folded):
        found = convolve_transposed(convolve, folded, frames=frames, stride=stride)
        return found, convolve(expand_repeats(folded, (1, frames - 2, 1)))

    found, expected = both(folded)
    assert found.shape[1] == stride * frames
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_weights_make_the_mean_that_of_every_frame():
    kept = (1, 5, 1)

    @quick_jit
    def means(x):
        every, weighted = expand_repeats(x, kept), x * frame_weights(kept)
        return [y.mean((0, 1, 2, 3)) for y in (weighted, every)]

    np.testing.assert_allclose(*means(noise(2, 3, 2, 2, 4)), rtol=1e-5)
    assert frame_weights(None) == 1


def test_positions_are_counted_with_their_repeats():
    assert count_positions(12, (1, 5, 1)) == 28
    assert count_positions(12, None) == 12
