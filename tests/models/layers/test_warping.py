import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers import warping

T, S = 4, 16
RNG = np.random.default_rng(0)
PHOTO = jnp.asarray(RNG.uniform(-1, 1, (2, S, S, 3)), jnp.float32)
MOVES, STANDS = 100.0, -100.0  # what the layer says of a pixel


def layer(mask=MOVES, rest=0.0, change=0.0):
    raw = jnp.zeros((2, T, S, S, warping.CHANNELS))
    return raw.at[..., :1].set(mask).at[..., 1:3].set(rest).at[..., 3:].set(change)


def wind(right, down):
    return jnp.tile(jnp.array([[right, down]], jnp.float32), (2, 1))


def test_the_wind_carries_the_photo_along():
    clip = warping.warp_photo(PHOTO, layer(), wind(1 / S, 2 / S)).clip
    for t in range(T):
        moved = jnp.roll(PHOTO, (2 * t, t), axis=(1, 2))
        np.testing.assert_allclose(clip[:, t, 2 * t :, t:], moved[:, 2 * t :, t:], atol=1e-5)


def test_where_the_mask_is_0_nothing_moves():
    clip = warping.warp_photo(PHOTO, layer(mask=STANDS, rest=5.0), wind(1 / S, 0.0)).clip
    np.testing.assert_array_equal(clip, jnp.repeat(PHOTO[:, None], T, axis=1))


def test_the_rest_moves_things_without_any_wind():
    found = warping.warp_photo(PHOTO, layer(rest=jnp.array([1.0, -2.0])), None)
    np.testing.assert_allclose(found.extras["velocity"][0, 0, 0], [1 / 256, -2 / 256], rtol=1e-5)
    assert "wind" not in found.extras


def test_the_first_frame_is_the_photo_whatever_the_layer_says():
    raw = jnp.asarray(RNG.standard_normal((2, T, S, S, warping.CHANNELS)), jnp.float32)
    clip = warping.warp_photo(PHOTO, raw, wind(0.01, 0.02)).clip
    np.testing.assert_allclose(clip[:, 0], PHOTO, atol=1e-6)


def test_a_flat_photo_stays_flat_but_for_the_change():
    raw = jnp.asarray(RNG.standard_normal((2, T, S, S, warping.CHANNELS)), jnp.float32)
    flat = jnp.full_like(PHOTO, 0.25)
    found = warping.warp_photo(flat, raw, wind(0.01, 0.02))
    np.testing.assert_allclose(
        found.clip, jnp.clip(0.25 + found.extras["change"], -1, 1), atol=1e-5
    )


def test_the_change_is_too_coarse_to_repaint_detail():
    """A checkerboard of the layer's leaves nothing; a change of all pixels stays."""
    checkers = (-1.0) ** jnp.arange(S)[:, None] * (-1.0) ** jnp.arange(S)
    ramp = jnp.arange(T)[:, None, None, None] / T
    checked = warping.warp_photo(PHOTO, layer(change=ramp * checkers[..., None]), None)
    np.testing.assert_allclose(checked.extras["change"], 0.0, atol=1e-6)
    lighter = warping.warp_photo(PHOTO, layer(change=ramp), None).extras["change"]
    np.testing.assert_allclose(lighter[0, 1], jnp.tanh(0.25), rtol=1e-5)


def test_a_wind_that_would_carry_the_picture_away_is_shortened():
    short = warping.shorten(wind(0.3, -0.4), frames=11)
    np.testing.assert_allclose(short, wind(0.03, -0.04), rtol=1e-4)
    np.testing.assert_array_equal(warping.shorten(wind(0.01, 0.0), frames=11), wind(0.01, 0.0))
    slope = jax.grad(lambda w: warping.shorten(w, frames=11).sum())(wind(0.0, 0.0))
    np.testing.assert_allclose(slope, 1.0)


def test_the_rim_moves_as_what_is_next_to_it():
    still = layer().at[:, :, :, :2].set(-100.0).at[:, :, :, 0].set(50.0)
    mask = warping.warp_photo(PHOTO, still, None).extras["mask"][..., 0]
    np.testing.assert_array_equal(mask[:, :, 0], mask[:, :, 1])
    np.testing.assert_array_equal(mask[:, 0], mask[:, 1])
    assert float(mask[:, :, :2].max()) == 0.0 and float(mask[:, :, 2:].min()) == 1.0


def test_what_comes_in_from_outside_moves_nothing_in_training():
    """The last frame's three leftmost columns lay outside and have no gradient; others have."""

    def column(x, right):
        return warping.warp_photo(PHOTO, layer(), wind(right, 0.0)).clip[:, -1, :, x].sum()

    slopes = [float(jax.grad(column, argnums=1)(x, 1.1 / S)) for x in range(6)]
    assert slopes[:3] == [0, 0, 0] and all(slopes[4:])


def test_a_clip_is_sampled_frame_by_frame():
    clip = jnp.asarray(RNG.uniform(-1, 1, (2, T, S, S, 3)), jnp.float32)
    found = warping.warp_photo(clip, layer(), wind(1 / S, 0.0)).clip
    for t in range(T):
        np.testing.assert_allclose(found[:, t, :, t:], clip[:, t, :, : S - t], atol=1e-5)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32])
def test_everything_is_float32(dtype):
    found = warping.warp_photo(PHOTO, layer().astype(dtype), wind(0.01, 0.0).astype(dtype))
    assert {x.dtype for x in jax.tree.leaves(found)} == {jnp.dtype(jnp.float32)}
