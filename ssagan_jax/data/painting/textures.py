"""Textures of deviation 1 that tile: rough ones of any slope and stretch, billows, relief."""

from functools import cache

import cv2
import numpy as np
from jaxtyping import Float

SIDE = 256

Texture = Float[np.ndarray, "n n"]


def rough(
    rng: np.random.Generator,
    *,
    slope: float,
    low: float = 1.0,
    high: float = 128.0,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> Texture:
    """Fractal noise [SIDE, SIDE], mean 0 and deviation 1.

    Args:
      rng: where the randomness comes from.
      slope: the amplitude falls as frequency to the minus ``slope``.
      low: lowest frequency kept, in periods a tile.
      high: highest frequency kept.
      stretch: how many times longer than wide its features are.
      angle: of the long direction, from right to down, in radians.
    """
    white = rng.standard_normal((SIDE, SIDE // 2 + 1, 2), np.float32)
    down, right = _frequencies()
    if stretch != 1:
        along, across = _turned(right, down, angle)
        frequency = np.hypot(along * stretch**0.5, across * stretch**-0.5)
    else:
        frequency = _distances()
    with np.errstate(divide="ignore"):
        amplitude = np.exp(np.float32(-slope) * np.log(frequency))
    amplitude[(frequency < low) | (frequency >= high)] = 0
    noise = np.fft.irfft2(white.view(np.complex64)[..., 0] * amplitude, s=(SIDE, SIDE))
    return _unit(noise)


def billows(texture: Texture, detail: Texture, puff: float) -> Texture:
    """Round bumps with creases between them, as of cauliflower, on a texture."""
    return _unit(texture + np.float32(puff) * (np.abs(detail) - np.float32(0.8)))


def finer(texture: Texture, share: float) -> Float[np.ndarray, "2*n 2*n"]:
    """The texture at twice the resolution, with itself four times as small on top."""
    side = texture.shape[0]
    large = cv2.resize(_wrapped(texture), (2 * side + 8, 2 * side + 8))[4:-4, 4:-4]
    small = cv2.resize(texture, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    return large + np.float32(share) * np.tile(small, (4, 4))


def relief(height: Texture, angle: float, reach: int = 1) -> Texture:
    """How much each place of a height faces the light, mean 0 and a deviation of about 1.

    Args:
      height: in any unit.
      angle: where the light comes from, from right to down, in radians.
      reach: over how many pixels the slope is taken.
    """
    wide = cv2.copyMakeBorder(height, reach, reach, reach, reach, cv2.BORDER_WRAP)
    side = wide[reach:-reach]
    facing = (side[:, : -2 * reach] - side[:, 2 * reach :]) * np.float32(np.cos(angle))
    side = wide[:, reach:-reach]
    facing += (side[: -2 * reach] - side[2 * reach :]) * np.float32(np.sin(angle))
    facing /= max(float(facing[::3, ::3].std()), 1e-6)
    return facing


def moved(rng: np.random.Generator, texture: Texture) -> Texture:
    """The texture from another place of its tile, perhaps mirrored."""
    down, right = rng.integers(0, texture.shape[0], 2)
    texture = np.roll(texture, (int(down), int(right)), (0, 1))
    return texture[:, ::-1] if rng.random() < 0.5 else texture


def _unit(texture: Texture) -> Texture:
    texture = texture - texture.mean()
    return (texture / max(float(texture.std()), 1e-6)).astype(np.float32)


def _wrapped(texture: Texture) -> Float[np.ndarray, "m m"]:
    return cv2.copyMakeBorder(texture, 2, 2, 2, 2, cv2.BORDER_WRAP)


@cache
def _frequencies() -> tuple[Float[np.ndarray, "n 1"], Float[np.ndarray, "1 m"]]:
    down = np.fft.fftfreq(SIDE, 1 / SIDE).astype(np.float32)[:, None]
    return down, np.arange(SIDE // 2 + 1, dtype=np.float32)[None]


@cache
def _distances() -> Float[np.ndarray, "n m"]:
    down, right = _frequencies()
    return np.hypot(down, right)


def _turned(
    right: Float[np.ndarray, "1 m"], down: Float[np.ndarray, "n 1"], angle: float
) -> tuple[Float[np.ndarray, "n m"], Float[np.ndarray, "n m"]]:
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return right * cos + down * sin, down * cos - right * sin
