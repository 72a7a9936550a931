"""Profiles of colours that files describe in other ways."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from ssagan_jax.io import icc_profiles

SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
D65 = (0.3127, 0.3290)


def converted(profile, colour):
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    picture = Image.new("RGB", (1, 1), colour)
    found = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    return found.getpixel((0, 0))


def test_a_display_of_srgb_primaries_differs_in_its_curve_only():
    linear = icc_profiles.matrix_profile("linear", SRGB, D65, 1.0)
    assert converted(linear, (55, 55, 55)) == (128, 128, 128)  # 0.2159 of the light
    near = icc_profiles.matrix_profile("2.2", SRGB, D65, 2.2)
    np.testing.assert_allclose(converted(near, (200, 100, 50)), (201, 100, 46), atol=1)


def test_adobe_rgb_keeps_greys_and_widens_colours():
    np.testing.assert_allclose(converted(icc_profiles.ADOBE_RGB, (128,) * 3), (128,) * 3, atol=1)
    assert converted(icc_profiles.ADOBE_RGB, (0, 255, 0)) == (0, 255, 0)
    assert converted(icc_profiles.ADOBE_RGB, (100, 200, 100))[0] < 60


@pytest.mark.parametrize("points", [((0.3, 0.0), (0.3, 0.6), (0.15, 0.06)), ((0.3, 0.3),) * 3])
def test_primaries_that_are_none(points):
    with pytest.raises((ValueError, np.linalg.LinAlgError)):
        icc_profiles.matrix_profile("x", points, D65, 2.2)


def test_chunks_of_a_png():
    describe = icc_profiles.described_by_png
    chromaticity = (*D65, *SRGB[0], *SRGB[1], *SRGB[2])
    assert describe({}) == b"" == describe({"chromaticity": chromaticity})
    assert describe({"gamma": 0.45455, "chromaticity": chromaticity}) == b""  # how sRGB is written
    assert describe({"gamma": 1.0, "srgb": 0}) == b""
    assert describe({"gamma": 1.0, "chromaticity": (0.0,) * 8}) == b""
    assert converted(describe({"gamma": 1.0}), (55, 55, 55)) == (128, 128, 128)
