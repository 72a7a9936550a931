import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers import warping
from tests.helpers.stubs import quick_jit

T, S = 4, 16
RNG = np.random.default_rng(0)
PHOTO = RNG.uniform(-1, 1, (2, S, S, 3)).astype(np.float32)
MOVES, STANDS = 100.0, -100.0  # what the layer says of a pixel


warp_photo = quick_jit(warping.warp_photo)


def layer(mask=MOVES, rest=0.0, change=0.0):
    raw = np.zeros((2, T, S, S, warping.CHANNELS), np.float32)
    raw[..., :1], raw[..., 1:3], raw[..., 3:] = mask, rest, change
    return raw


def wind(right, down):
    return np.tile(np.float32([[right, down]]), (2, 1))


def test_the_wind_carries_the_photo_along():
    clip = warp_photo(PHOTO, layer(), wind(1 / S, 2 / S)).clip
    for t in range(T):
        moved = np.roll(PHOTO, (2 * t, t), axis=(1, 2))
        np.testing.assert_allclose(clip[:, t, 2 * t :, t:], moved[:, 2 * t :, t:], atol=1e-5)


def test_where_the_mask_is_0_nothing_moves():
    clip = warp_photo(PHOTO, layer(mask=STANDS, rest=5.0), wind(1 / S, 0.0)).clip
    np.testing.assert_array_equal(clip, np.repeat(PHOTO[:, None], T, axis=1))


def test_the_rest_moves_things_without_any_wind():
    found = warp_photo(PHOTO, layer(rest=np.array([1.0, -2.0])), None)
    np.testing.assert_allclose(found.extras["velocity"][0, 0, 0], [1 / 256, -2 / 256], rtol=1e-5)
    assert "wind" not in found.extras


def test_the_first_frame_is_the_photo_whatever_the_layer_says():
    raw = RNG.standard_normal((2, T, S, S, warping.CHANNELS)).astype(np.float32)
    clip = warp_photo(PHOTO, raw, wind(0.01, 0.02)).clip
    np.testing.assert_allclose(clip[:, 0], PHOTO, atol=1e-6)


def test_a_flat_photo_stays_flat_but_for_the_change():
    raw = RNG.standard_normal((2, T, S, S, warping.CHANNELS)).astype(np.float32)
    flat = np.full_like(PHOTO, 0.25)
    found = warp_photo(flat, raw, wind(0.01, 0.02))
    np.testing.assert_allclose(found.clip, np.clip(0.25 + found.extras["change"], -1, 1), atol=1e-5)


def test_the_change_is_too_coarse_to_repaint_detail():
    """A checkerboard of the layer's leaves nothing; a change of all pixels stays."""
    checkers = (-1.0) ** np.arange(S)[:, None] * (-1.0) ** np.arange(S)
    ramp = np.arange(T)[:, None, None, None] / T
    checked = warp_photo(PHOTO, layer(change=ramp * checkers[..., None]), None)
    np.testing.assert_allclose(checked.extras["change"], 0.0, atol=1e-6)
    lighter = warp_photo(PHOTO, layer(change=ramp), None).extras["change"]
    np.testing.assert_allclose(lighter[0, 1], np.tanh(0.25), rtol=1e-5)


def test_a_wind_that_would_carry_the_picture_away_is_shortened():
    @quick_jit
    def shorten(wind):
        short, pull = jax.vjp(lambda w: warping.shorten(w, frames=11), wind)
        return short, pull(jnp.ones_like(short))[0]

    np.testing.assert_allclose(shorten(wind(0.3, -0.4))[0], wind(0.03, -0.04), rtol=1e-4)
    np.testing.assert_array_equal(shorten(wind(0.01, 0.0))[0], wind(0.01, 0.0))
    np.testing.assert_allclose(shorten(wind(0.0, 0.0))[1], 1.0)


def test_the_rim_moves_as_what_is_next_to_it():
    still = layer()
    still[:, :, :, :2], still[:, :, :, 0] = -100.0, 50.0
    mask = warp_photo(PHOTO, still, None).extras["mask"][..., 0]
    np.testing.assert_array_equal(mask[:, :, 0], mask[:, :, 1])
    np.testing.assert_array_equal(mask[:, 0], mask[:, 1])
    assert float(mask[:, :, :2].max()) == 0.0 and float(mask[:, :, 2:].min()) == 1.0


def test_what_comes_in_from_outside_moves_nothing_in_training():
    """The last frame's three leftmost columns lay outside and have no gradient; others have."""

    photo, raw = jnp.asarray(PHOTO), jnp.asarray(layer())

    def columns(right):
        wind = jnp.stack([right, 0.0]) * jnp.ones((2, 1))
        return warping.warp_photo(photo, raw, wind).clip[:, -1, :, :6].sum((0, 1, 3))

    slopes = quick_jit(jax.jacrev(columns))(1.1 / S).tolist()
    assert slopes[:3] == [0, 0, 0] and all(slopes[4:])


def test_a_clip_is_sampled_frame_by_frame():
    clip = RNG.uniform(-1, 1, (2, T, S, S, 3)).astype(np.float32)
    found = warp_photo(clip, layer(), wind(1 / S, 0.0)).clip
    for t in range(T):
        np.testing.assert_allclose(found[:, t, :, t:], clip[:, t, :, : S - t], atol=1e-5)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32])
def test_everything_is_float32(dtype):
    found = warp_photo(PHOTO, layer().astype(dtype), wind(0.01, 0.0).astype(dtype))
    assert {x.dtype for x in jax.tree.leaves(found)} == {jnp.dtype(jnp.float32)}
