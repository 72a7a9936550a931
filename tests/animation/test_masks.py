"""Masks: their size, their edges, and the sky of painted scenes."""

import numpy as np
import pytest

from ssagan_jax.animation import masks


def disc(height=100, width=150):
    y, x = np.mgrid[:height, :width]
    return np.where((y - 50) ** 2 + (x - 75) ** 2 < 30**2, 255, 0).astype(np.uint8)


def scene(height=240, width=320):
    """Blue sky with a white and a dark cloud, over green hills with a tower; and its true sky."""
    y, x = np.mgrid[:height, :width]
    hills = y > 150 + 20 * np.sin(x / 30)
    tower = (np.abs(x - 200) < 8) & (y > 90)
    photo = np.empty((height, width, 3))
    photo[:] = [70, 130, 210]
    photo[(y - 50) ** 2 / 2 + (x - 80) ** 2 / 9 < 150] = [245, 245, 245]
    photo[(y - 60) ** 2 / 2 + (x - 270) ** 2 / 9 < 100] = [80, 80, 85]
    photo[hills] = [60, 90, 30]
    photo[tower] = [90, 60, 40]
    photo += np.random.default_rng(0).normal(size=(height, width, 1)) * 6
    return photo.clip(0, 255).astype(np.uint8), ~(hills | tower)


def test_fitted_keeps_a_mask_of_the_photos_size():
    assert masks.fitted(disc(), height=100, width=150) is not None
    np.testing.assert_array_equal(masks.fitted(disc(), height=100, width=150), disc())


def test_fitted_stretches_a_mask_of_the_photos_aspect():
    found = masks.fitted(disc(), height=201, width=300)  # a pixel of rounding
    assert found.shape == (201, 300)
    assert found[100, 150] == 255 and found[5, 5] == 0
    assert abs((found > 127).mean() - (disc() > 127).mean()) < 0.01


def test_fitted_refuses_other_masks():
    with pytest.raises(
        ValueError, match=r"mask is 150 x 100 pixels, .* aspect than the photo's 100 x 100"
    ):
        masks.fitted(disc(), height=100, width=100)
    with pytest.raises(ValueError, match=r"A mask is uint8 \[H, W\], got float64 \[100, 150\]"):
        masks.fitted(disc() / 255, height=100, width=150)
    with pytest.raises(ValueError, match=r"got uint8 \[0, 150\]"):
        masks.fitted(disc()[:0], height=100, width=150)


def test_feathered_fades_inwards_only():
    mask = disc()
    soft = masks.feathered(mask)
    assert (soft[mask == 0] == 0).all() and soft[50, 75] == 255
    edge = soft[50, 75 - 30 : 75 - 20].astype(int)
    assert (np.diff(edge) >= 0).all() and ((edge > 10) & (edge < 245)).any()


def test_sky_of_a_scene():
    photo, truth = scene()
    found = masks.sky(photo)
    assert found.shape == photo.shape[:2] and found.dtype == np.uint8
    assert ((found > 127) == truth).mean() > 0.98
    assert (found[60, 262:278] > 127).all()  # the dark cloud
    assert (found[100:140, 198:203] < 50).all()  # the tower


def test_sky_of_a_large_photo_keeps_to_its_edges():
    photo, truth = (np.kron(x, np.ones((3, 3, 1)[: x.ndim], x.dtype)) for x in scene())
    assert ((masks.sky(photo) > 127) == truth).mean() > 0.98


def test_a_photo_of_nothing_but_sky_is_sky():
    y, x = np.mgrid[:120, :160]
    clouds = (np.sin(x / 9) + np.cos(y / 7))[..., None] > 0.3
    photo = np.where(clouds, [240, 240, 240], [40, 70, 140]).astype(np.uint8)
    assert (masks.sky(photo) > 127).mean() > 0.99


def test_no_sky():
    ground = np.random.default_rng(0).integers(10, 60, (80, 100, 3)).astype(np.uint8)
    ground[..., 2] //= 3
    with pytest.raises(ValueError, match=r"No sky found in the photo\. Paint a mask"):
        masks.sky(ground)
