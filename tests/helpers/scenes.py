"""Small made-up scenes: textured land that stands, below a textured sky that drifts."""

import av
import cv2
import numpy as np

from ssagan_jax.data.footage.measuring import Look, measure, small_size, wants_full

HEIGHT, WIDTH = 90, 160
_MARGIN = 60


def texture(seed, height, width, *, coarse=2.0):
    """Smooth random greys, uint8."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width))
    smooth = cv2.GaussianBlur(noise, (0, 0), coarse)
    return (128 + 45 * smooth / smooth.std()).clip(0, 255).astype(np.uint8)


def scene(seed, frames, *, pan=0.0, zoom=0.0, drift=0.8, shake=0.0):
    """A scene, uint8 [T, 90, 160, 3].

    Args:
      seed: of the textures and colours.
      frames: how many.
      pan: pixels per frame that the camera moves to the right.
      zoom: what a frame is larger than the one before.
      shake: pixels that the camera is off, of a frame (standard deviation, to all sides).
      drift: pixels per frame that the sky moves.
    """
    rng = np.random.default_rng(seed)
    wide = WIDTH + 2 * _MARGIN
    sky, land = texture(seed, HEIGHT, 2 * wide, coarse=4), texture(seed + 1, HEIGHT, wide)
    colours = rng.uniform(0.4, 1, (2, 3))
    off = rng.normal(0, 1, (frames, 2)) * shake
    clip = []
    for number in range(frames):
        turn = np.array([[1, 0, -drift * number], [0, 1, 0]], float)
        moved = cv2.warpAffine(sky, turn, (wide, HEIGHT), borderMode=cv2.BORDER_WRAP)
        whole = moved[..., None] * colours[0]
        whole[HEIGHT // 2 :] = land[HEIGHT // 2 :, :, None] * colours[1]
        size = 1 + zoom * number
        left, top = _MARGIN + WIDTH / 2 * (1 - 1 / size), HEIGHT / 2 * (1 - 1 / size)
        view = np.array(
            [
                [1 / size, 0, left + pan * number + off[number, 0]],
                [0, 1 / size, top + off[number, 1]],
            ],
            float,
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        clip.append(cv2.warpAffine(whole.astype(np.uint8), view, (WIDTH, HEIGHT), flags=flags))
    grain = rng.normal(0, 0.7, (frames, HEIGHT, WIDTH, 1))
    return np.rint(np.stack(clip) + grain).clip(0, 255).astype(np.uint8)


def crossed(one, other, frames):
    """Two scenes, cross-faded over some frames."""
    share = (np.arange(1, frames + 1) / (frames + 1))[:, None, None, None]
    mixed = np.rint(one[-frames:] * (1 - share) + other[:frames] * share).astype(np.uint8)
    return np.concatenate([one[:-frames], mixed, other[frames:]])


def looks(frames, *, fps=25):
    """What ``measure`` takes of a film."""
    height, width = small_size(*frames[0].shape[:2])
    for number, frame in enumerate(frames):
        small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        times = number / fps, (number + 1) / fps, number / fps
        yield Look(*times, small, frame if wants_full(number) else None)


def measured(frames, **options):
    """A film as it is measured."""
    return measure(looks(frames), **options)


def pictures(frames):
    """The same as frames of PyAV, for ``films.write``."""
    return [
        av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p") for frame in frames
    ]
