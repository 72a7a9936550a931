import jax.numpy as jnp
import numpy as np

from ssagan_jax.models.layers.condition import append_mask

PHOTO = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (2, 1, 3, 4, 3)), jnp.float32)


def test_the_mask_is_one_more_channel_in_the_range_of_colours():
    mask = jnp.linspace(0, 1, 24).reshape(2, 3, 4)
    found = append_mask(PHOTO.astype(jnp.bfloat16), mask)
    assert found.shape == (2, 1, 3, 4, 4) and found.dtype == jnp.bfloat16
    np.testing.assert_array_equal(found[..., :3], PHOTO.astype(jnp.bfloat16))
    np.testing.assert_allclose(found[:, 0, ..., 3].astype(jnp.float32), 2 * mask - 1, atol=4e-3)


def test_without_one_all_may_move_and_every_repeat_has_the_same():
    np.testing.assert_array_equal(append_mask(PHOTO, None)[..., 3], 1)
    repeats = jnp.repeat(PHOTO, 5, axis=1)
    mask = jnp.linspace(0, 1, 24).reshape(2, 3, 4)
    found = append_mask(repeats, mask)[..., 3]
    np.testing.assert_array_equal(found, found[:, :1].repeat(5, axis=1))
