"""A photo's own pixels moved: what moves, what stays, how it begins, fades and closes."""

import cv2
import numpy as np
import pytest

from ssagan_jax.animation.warped_full_size import WarpedRenderer
from ssagan_jax.animation.warping.phases import Moment

HEIGHT, WIDTH, SIZE = 120, 200, 32
WIND = 0.02  # of the width a frame, to the right: four pixels


def scene():
    """Soft clouds above a dark ground; where the sky is."""
    noise = np.random.default_rng(0).normal(size=(HEIGHT, WIDTH)).astype(np.float32)
    clouds = cv2.GaussianBlur(noise, (0, 0), 2)
    sky = np.mgrid[:HEIGHT, :WIDTH][0] < 70
    levels = 150 + 25 * clouds / clouds.std()
    photo = np.where(sky, levels, 40 + 10 * noise)[..., None].repeat(3, 2)
    return photo.clip(0, 255).astype(np.uint8), sky


def fields(sky, wind=WIND, light=0.0):
    mask = cv2.resize(sky.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    velocity = mask[..., None] * np.array([wind, 0], np.float32)
    times = np.arange(16, dtype=np.float32)[:, None, None, None]
    return {"velocity": velocity, "mask": mask, "change": light * times * np.dstack([mask] * 3)}


def renderer(photo, sky, allowed=None, **options):
    return WarpedRenderer(photo, allowed=allowed, **fields(sky, **options))


def clip(renderer, count, **options):
    return np.stack(list(renderer.frames(count, **options))).astype(int)


def sharpness(frame):
    grey = frame[8:60, 8:-8].astype(np.float32).mean(-1)
    return np.square(cv2.Laplacian(grey, cv2.CV_32F)).mean()


def steps(frames):
    return np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))


def test_the_sky_moves_by_the_wind():
    photo, sky = scene()
    frames = clip(renderer(photo, sky), 6)
    for frame in (1, 5):
        moved = frames[frame][4:48, 4 * frame + 8 : -8]
        np.testing.assert_allclose(moved, photo[4:48, 8 : -8 - 4 * frame], atol=2)


def test_it_comes_in_mirrored():
    photo, sky = scene()
    frame = clip(renderer(photo, sky), 3)[2]
    np.testing.assert_allclose(frame[4:60, :8], photo[4:60, 7::-1], atol=2)


@pytest.mark.parametrize("loop", [False, True])
def test_frame_0_is_the_photo_and_what_stands_still_stays(loop):
    photo, sky = scene()
    warped = renderer(photo, sky, light=0.5)
    frames = clip(warped, 40, loop=loop)
    np.testing.assert_array_equal(frames[0], photo)
    still = warped.alpha == 0
    assert still[80:].all() and not still[:60].any()
    assert (frames[:, still] == photo[still]).all()


def test_allowed_limits_the_mask():
    photo, sky = scene()
    allowed = np.zeros((HEIGHT, WIDTH), np.uint8)
    allowed[:, :100] = 255
    frames = clip(renderer(photo, sky, allowed), 4)
    assert (frames[:, :, 100:] == photo[:, 100:]).all()
    assert np.abs(frames[3][:60, :90] - photo[:60, :90]).mean() > 5
    with pytest.raises(ValueError, match="The mask leaves nothing to move"):
        renderer(photo, sky, 0 * allowed)
    for given in (None, allowed):
        with pytest.raises(ValueError, match=r"The model finds hardly anything that moves"):
            renderer(photo, 0 * sky, given)


def test_a_mast_neither_slides_nor_leaves_a_trail():
    photo, sky = scene()
    bare = photo.copy()
    photo[20:70, 96:104] = 5
    standing = sky.copy()
    standing[20:70, 96:104] = False
    warped = renderer(photo, standing, np.where(standing, 255, 0).astype(np.uint8))
    frame = clip(warped, 8)[7]
    np.testing.assert_array_equal(frame[25:65, 97:103], photo[25:65, 97:103])
    beside = frame[25:60, 106:150]
    assert beside.min() > bare[:68].min() - 25  # nothing dark was carried there


def test_a_pale_rope_neither_slides_nor_leaves_a_trail():
    photo, sky = scene()
    rope = cv2.line(np.zeros((HEIGHT, WIDTH), np.uint8), (90, 75), (115, 0), 1, 1) > 0
    rope &= sky
    photo[rope] = [250, 245, 200]  # the sky has no colour
    frames = clip(renderer(photo, sky), 8)
    assert (frames[:, rope] == photo[rope]).all()
    assert np.ptp(frames[:, ~rope], axis=-1).max() <= 2
    assert np.abs(frames[7] - photo)[4:60, 60:84].mean() > 5  # the sky moves


def test_speed_is_a_factor():
    photo, sky = scene()
    warped = renderer(photo, sky)
    np.testing.assert_allclose(clip(warped, 3, speed=2)[2], clip(warped, 5)[4], atol=1)
    np.testing.assert_allclose(clip(warped, 5, speed=0.5)[4], clip(warped, 3)[2], atol=1)


def test_travel_is_a_share_of_what_moves():
    photo, sky = scene()
    across = renderer(photo, sky)
    assert across.travel == pytest.approx(WIND, rel=0.02)
    down = fields(sky)
    down["velocity"] = down["velocity"][..., ::-1].copy()  # a fiftieth of the height
    share = 70 / HEIGHT
    assert WarpedRenderer(photo, **down).travel == pytest.approx(WIND / share, rel=0.05)


def test_light_changes_with_time():
    photo, sky = scene()
    warped = renderer(photo, sky, wind=1e-6, light=2.0)
    frames = clip(warped, 8)
    assert (frames[5] - photo)[:60].mean() == pytest.approx(10, abs=0.5)
    assert (clip(warped, 8, speed=0.5)[5] - photo)[:60].mean() == pytest.approx(5, abs=0.5)


def test_long_clips_and_loops_stay_sharp_and_have_no_seam():
    photo, sky = scene()
    warped = renderer(photo, sky)
    for frames in (clip(warped, 20), clip(warped, 20, loop=True)):
        assert min(map(sharpness, frames)) > 0.75 * sharpness(photo)
        within = steps(frames)
        assert within.max() < 1.25 * np.median(within)
    around = steps(np.concatenate([frames[-1:], frames[:1]]))
    assert around[0] < 1.25 * np.median(within)


def test_a_plain_fade_would_turn_soft():
    photo, sky = scene()
    warped = renderer(photo, sky)
    one, two = (warped.render(Moment(age), doublings=6).astype(float) for age in (4, -4))
    assert sharpness((one + two) / 2) < 0.65 * sharpness(photo)
    assert sharpness(warped.render(Moment(4, -4, 0.5), doublings=6)) > 0.8 * sharpness(photo)


def test_a_photo_of_many_tiles_is_seamless():
    photo = np.full((300, 1200, 3), 100, np.uint8)
    photo += np.arange(1200, dtype=np.uint16)[None, :, None].astype(np.uint8) // 8
    flat = cv2.GaussianBlur(photo, (0, 0), 3)
    found = clip(renderer(flat, np.ones((300, 1200), bool), wind=0.001), 2)[1]
    inner = found[:, 40:200].astype(int)
    assert np.abs(np.diff(inner, axis=1)).max() <= 2 and np.ptp(inner, axis=0).max() <= 1
