"""The film of a photo, by what its model says."""

import numpy as np
import pytest

from ssagan_jax.animation import films
from ssagan_jax.animation.animator import Animator
from ssagan_jax.animation.options import Options
from ssagan_jax.io.photo_files import resize_image
from tests.helpers.movers import blower, mover

HEIGHT, WIDTH = 64, 96


def scene():
    """Rough light sky over dark ground."""
    photo = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
    rough = np.random.default_rng(0).integers(0, 60, (10, 16, 3)).astype(np.uint8)
    photo[:40] = 150 + resize_image(rough, 40, WIDTH)
    return photo


def film(model, mask=None, frames=8, photo=None, **options):
    photo = scene() if photo is None else photo
    square = resize_image(photo, model.size, model.size)
    return films.film(photo, square, mask, model, frames=frames, options=Options(**options))


def clip(model, mask=None, **options):
    return np.stack(list(film(model, mask, **options).frames())).astype(int)


def test_a_model_that_warps_moves_the_photos_own_pixels():
    frames = clip(blower(), wind=(4 / WIDTH, 0.0), frames=6)
    np.testing.assert_array_equal(frames[0], scene())
    moved = frames[3][4:30, 24:-12] - 1.5  # the light: half a grey level a frame
    np.testing.assert_allclose(moved, scene()[4:30, 12:-24], atol=4)
    np.testing.assert_array_equal(frames[:, 50:], np.broadcast_to(30, frames[:, 50:].shape))


@pytest.mark.parametrize("wind", ["left", "down", "away", "near", -60, None])
def test_every_wind_moves_it_and_loops(wind):
    frames = clip(blower(), wind=wind, loop=True, frames=12)
    steps = np.abs(np.diff(np.concatenate([frames, frames[:1]]), axis=0)).mean((1, 2, 3))
    assert steps.min() > 0.2 and steps[-1] < 1.3 * np.median(steps)


def test_a_seed_draws_the_wind():
    assert "to the right" in film(blower()).wind
    assert "to the left" in film(blower(), seed=1).wind


def test_the_mask_is_both_the_models_and_the_given_one():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, :40] = 255
    found = film(blower(), mask)
    assert (found.mask[:30, :40] == 255).all() and not found.mask[:, 40:].any()
    assert not found.mask[50:].any()
    with pytest.raises(ValueError, match="The mask leaves nothing to move"):
        film(blower(), 0 * mask)


def test_the_sky_moves_also_where_the_model_sees_none(monkeypatch):
    photo = scene()
    photo[8:26, 30:60] -= 110  # darker than what the model takes for moving
    assert not film(blower(), photo=photo).mask[14:20, 40:50].any()
    top = np.zeros((HEIGHT, WIDTH), np.uint8)
    top[:36] = 255
    monkeypatch.setattr(films.skies, "sky", lambda photo, moving: top)
    np.testing.assert_array_equal(film(blower(), "sky", photo=photo).mask, top)
    np.testing.assert_array_equal(film(blower(), "sky", size="model").mask, top)
    frames = clip(blower(), "sky", photo=photo, wind=(4 / WIDTH, 0.0), frames=3)
    np.testing.assert_allclose(frames[2, 10:24, 42:55] - 1, frames[0, 10:24, 34:47], atol=6)


def test_the_sky_of_a_model_that_changes_is_the_photos():
    found = film(mover(), "sky").mask
    assert (found[:36] == 255).all() and not found[46:].any()


def test_a_model_that_changes_takes_no_wind():
    found = film(mover())
    assert found.wind is None and (found.mask == 255).all()
    with pytest.raises(ValueError, match="This model takes no wind"):
        film(mover(), wind="left")


def test_a_model_that_takes_a_mask_is_given_it_at_its_size():
    given, left = [], np.zeros((HEIGHT, WIDTH), np.uint8)
    left[:, : WIDTH // 2] = 255

    class Masked(Animator):
        def with_mask(self, mask):
            given.append(mask)
            return self

    model = Masked(32, 8, False, mover(frames=8)._run, takes_mask=True)
    for mask in (None, left, "sky"):
        film(model, mask)
    painted, sky = given  # without a mask it is told nothing
    assert painted.shape == sky.shape == (1, 32, 32) and painted.dtype == np.float32
    np.testing.assert_allclose(painted[0, 0], [1] * 16 + [0] * 16, atol=0.3)
    assert sky[0, :18].min() > 0.99 and not sky[0, 23:].any()


def test_a_models_own_clip_in_a_wind():
    model = blower()
    found = film(model, size="model", wind=(1 / 32, 0.0))
    frames = np.stack(list(found.frames()))
    square = resize_image(scene(), 32, 32)
    expected = resize_image(np.roll(square, 3, axis=1), HEIGHT, WIDTH)
    np.testing.assert_array_equal(frames[3], expected)
    assert found.wind == "3.1 % of the width a frame, to the right (0 degrees)"
