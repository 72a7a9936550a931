"""The middle of a fade is as lively as its ends."""

import numpy as np

from ssagan_jax.animation.warping import fading

SHAPE = (96, 128)
FAR, SAME = np.full(SHAPE, 50.0), np.zeros(SHAPE)


def texture(seed, scale=20):
    noise = np.random.default_rng(seed).normal(size=(*SHAPE, 1))
    return np.float32(128 + scale * noise) * np.ones(3, np.float32)


def fade(one, two, share, apart):
    gain, rest = fading.faded(one, two, share=share, apart=apart)
    return gain[..., None] * ((1 - share) * one + share * two) + rest


def test_the_variance_stays():
    one, two = texture(0), texture(1)
    for share in (0.2, 0.5, 0.8):
        plain = ((1 - share) * one + share * two).std()
        assert 0.93 * 20 < fade(one, two, share, FAR).std() < 1.07 * 20
        assert plain < 17
    assert abs(fade(one, two, 0.5, FAR).mean() - 128) < 1


def test_at_its_ends_it_is_the_layers_themselves():
    one, two = texture(0), texture(1)
    np.testing.assert_allclose(fade(one, two, 1e-6, FAR), one, atol=0.1)
    np.testing.assert_allclose(fade(one, two, 1 - 1e-6, FAR), two, atol=0.1)


def test_what_is_the_same_in_both_is_not_amplified():
    one = texture(0)
    np.testing.assert_allclose(fade(one, one.copy(), 0.5, SAME), one, atol=1e-3)
    gain, _ = fading.faded(one, one.copy(), share=0.5, apart=SAME)
    np.testing.assert_allclose(gain, 1)


def test_fine_detail_is_amplified_by_how_far_apart_it_comes_from():
    gain, _ = fading.faded(texture(0), texture(1), share=0.5, apart=FAR)
    np.testing.assert_allclose(gain, np.sqrt(2), rtol=1e-5)


def test_flat_stays_flat():
    flat = np.full((*SHAPE, 3), 90, np.float32)
    np.testing.assert_allclose(fade(flat, flat + 20, 0.5, FAR), 100, atol=1e-3)
