"""Fractal noise and the small functions a painter of clouds and waves needs, in NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def fractal(
    rng: np.random.Generator, size: int, *, slope: float, low: float, high: float
) -> Floats:
    """Tileable fractal noise [n, n], mean 0 and deviation 1, with scales between low and high.

    Args:
      rng: where the randomness comes from.
      size: of the picture; scales too fine for it are left out.
      slope: the amplitude falls as frequency to the minus ``slope``.
      low: lowest frequency kept, in periods per tile.
      high: highest frequency kept.
    """
    full, n = 256, min(256, 1 << max(6, int(size).bit_length()))
    spectrum = rng.standard_normal((2, full, full // 2 + 1), np.float32)
    rows = np.r_[0 : n // 2, full - n // 2 : full]
    spectrum = spectrum[:, rows, : n // 2 + 1]
    y, x = np.fft.fftfreq(n, 1 / n)[:, None], np.arange(n // 2 + 1)[None]
    frequency = np.sqrt(x**2 + y**2)
    kept = (frequency >= low) & (frequency < min(high, n / 2))
    amplitude = np.where(kept, np.maximum(frequency, 1.0) ** -slope, 0.0)
    noise = np.fft.irfft2((spectrum[0] + 1j * spectrum[1]) * amplitude, s=(n, n))
    return (noise / noise.std()).astype(np.float32)


def sample(texture: Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear look-up with wrap-around, at x [t, h, w] and y [t or 1, h, 1], in tiles."""
    n = texture.shape[0]
    y = (y[..., 0] * n) % n
    top = np.floor(y).astype(np.int32)
    part = (y - top).astype(np.float32)[..., None]
    rows = texture[top % n] * (1 - part) + texture[(top + 1) % n] * part
    x = x * n
    left = np.floor(x).astype(np.int32)
    part = x - left
    rows = np.broadcast_to(rows, (*x.shape[:2], n)).reshape(-1)
    base = (np.arange(x.shape[0] * x.shape[1], dtype=np.int32) * n).reshape(*x.shape[:2], 1)
    here = rows[base + (left & (n - 1))]
    there = rows[base + ((left + 1) & (n - 1))]
    return here + (there - here) * part


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """0 below low, 1 above high, a smooth ramp between."""
    x = np.clip((x - low) * np.float32(1 / (high - low)), 0, 1)
    return x * x * (3 - 2 * x)


def ridge(rng: np.random.Generator, size: int, *, slope: float, low: int = 1) -> Floats:
    """A fractal line [size], mean 0 and deviation about 1; details too fine are left out."""
    frequency = np.arange(1, 129)
    phase, strength = rng.uniform(0, 2 * np.pi, 128), rng.standard_normal(128)
    amplitude = strength * (frequency >= low) * frequency ** (-slope)
    place = (np.arange(size)[:, None] + 0.5) / size
    wave = np.cos(2 * np.pi * 0.7 * frequency * place + phase) * (frequency <= size // 2)
    return ((wave * amplitude).sum(-1) / np.sqrt((amplitude**2).sum() / 2)).astype(np.float32)


def mix(a: Floats, b: Floats | float | np.floating, share: Floats | float | np.floating) -> Floats:
    """From a (share 0) to b (share 1)."""
    return a + (b - a) * share
