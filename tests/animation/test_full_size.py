"""Rendering changes of photos of several strips at full size."""

import numpy as np
from PIL import Image

from ssagan_jax.animation import full_size
from ssagan_jax.animation.full_size import ROWS, FullSizeRenderer

HEIGHT, WIDTH, SIZE = 2 * ROWS + 22, 96, 32


def scene():
    """A rough dark ground below a bright sky, the border oblique."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ground = rows > HEIGHT / 2 + columns / 4
    rough = np.random.default_rng(0).integers(0, 40, (HEIGHT, WIDTH, 1))
    photo = np.where(ground[..., None], 20 + rough, [150, 180, 220]).astype(np.uint8)
    return photo, ground


def squeezed(photo):
    return np.asarray(Image.fromarray(photo).resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def renderer(photo, mask=None):
    return FullSizeRenderer(photo, squeezed(photo), mask=mask)


def sky_brightens(ground, by):
    share = 1 - squeezed(np.repeat(255 * ground[..., None].astype(np.uint8), 3, axis=2)) / 255
    return (by * share).astype(np.float32)


def test_no_change_is_the_photo_to_the_bit():
    photo, _ = scene()
    for level in (0.0, 0.9 * full_size.STILL):
        rendered = renderer(photo).render(np.full((SIZE, SIZE, 3), level, np.float32))
        assert rendered.dtype == np.uint8
        np.testing.assert_array_equal(rendered, photo)


def test_an_even_change_is_added_less_the_threshold():
    photo = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    rendered = renderer(photo).render(np.full((SIZE, SIZE, 3), 21, np.float32))
    np.testing.assert_array_equal(rendered, 120)
    rendered = renderer(photo).render(np.full((SIZE, SIZE, 3), 200, np.float32))
    np.testing.assert_array_equal(rendered, 255)


def test_edges_stay_sharp():
    photo, ground = scene()
    change = sky_brightens(ground, by=30)
    rendered = renderer(photo).render(change).astype(int) - photo
    assert np.median(rendered[~ground]) >= 27
    near = (np.roll(ground, 3, axis=0) != np.roll(ground, -3, axis=0)) & ground
    near[:10] = near[-10:] = False
    blurred = np.asarray(Image.fromarray(change[..., 0]).resize((WIDTH, HEIGHT)))
    assert np.abs(rendered[near]).mean() < 0.5 * blurred[near].mean()  # what plain stretching adds


def test_the_ground_keeps_its_pixels():
    photo, ground = scene()
    rendered = renderer(photo).render(sky_brightens(ground, by=30))
    below = np.zeros_like(ground)
    below[HEIGHT * 7 // 8 :] = True
    np.testing.assert_array_equal(rendered[below], photo[below])


def test_where_the_mask_is_black_nothing_changes():
    photo, _ = scene()
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, WIDTH // 2 :] = 255
    mask[:, -8:] = 128
    rendered = renderer(photo, mask).render(np.full((SIZE, SIZE, 3), 20, np.float32))
    np.testing.assert_array_equal(rendered[:, : WIDTH // 2], photo[:, : WIDTH // 2])
    added = rendered.astype(int) - photo
    assert (added[:, WIDTH // 2 : -8] == 19).all() and set(np.unique(added[:, -8:])) == {9}


def test_strips_are_seamless():
    photo = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    slope = np.repeat(np.linspace(0, 100, SIZE, dtype=np.float32)[:, None], SIZE, axis=1)
    rendered = renderer(photo).render(np.repeat(slope[..., None], 3, axis=2)).astype(int)
    assert (np.diff(rendered[:, :, 0], axis=0) >= 0).all()
    assert np.diff(rendered[:, :, 0], axis=0).max() <= 2
