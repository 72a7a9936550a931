"""A decoded frame of a video as uint8 RGB: range, matrix, primaries, alpha, HDR, orientation.

Numbers of tags are those of ITU-T H.273, which every container and codec uses.
"""

from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorRange, Colorspace
from jaxtyping import Float, UInt8

from ssagan_jax.io import encoders

HDR = ("refuse", "tonemap", "as_is")  # what is done about HDR
PQ, HLG = 16, 18  # tags of the transfer curve
CURVES = {PQ: "PQ", HLG: "HLG"}
DOLBY_VISION = (
    "dvh1",
    "dvhe",
    "dva1",
    "dvav",
    "dav1",
)  # tags of streams without a base

_UNTAGGED = 2
_RGB, _BT2020 = 0, 9
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    _BT2020: Colorspace.BT2020,
}
# From linear RGB of wider primaries (BT.2020; Display P3) to that of BT.709: products of the
# primaries' matrices to XYZ, whose white is D65 in all three.
_TO_709 = {
    9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    12: ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
}
_GAMMA = 2.4  # of a screen for video (BT.1886)
_WHITE = 203  # cd/m2 of white paper in HDR (BT.2408)
_PEAK = 1000 / _WHITE  # brighter is white
_KNEE = 0.65  # of white: from here on, highlights are bent; with it white paper becomes 235


class UnknownColours(ValueError):
    """Numbers whose colours are not known here."""


@dataclass(frozen=True)
class Signal:
    """What the numbers in a video's frames mean.

    Attributes:
      matrix: between Y'CbCr and R'G'B'.
      full: whether black is 0 rather than 16.
      primaries: tag of the colours of R, G and B.
      curve: tag of the transfer curve.
    """

    matrix: Colorspace | None
    full: bool
    primaries: int
    curve: int


def signal(frame: av.VideoFrame) -> Signal:
    """That of a decoded frame, by its tags.

    What does not name its matrix has that of players: BT.709 from 1280 x 720 on, BT.601 below.

    Raises:
      UnknownColours: a matrix that is not known here.
    """
    tag, hd = frame.colorspace, frame.height >= 720 or frame.width >= 1280
    matrix = _MATRICES.get(tag)
    if tag in (_RGB, _UNTAGGED, 3) and not frame.format.is_rgb:
        wide = frame.color_primaries == _BT2020
        matrix = Colorspace.BT2020 if wide else Colorspace.ITU709 if hd else Colorspace.ITU601
    elif matrix is None and not frame.format.is_rgb:
        raise UnknownColours(f"has colours by matrix {tag} of H.273, which is not known here")
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return Signal(matrix, full, frame.color_primaries, frame.color_trc)


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether a frame has transparency."""
    return frame.format.has_palette or any(part.is_alpha for part in frame.format.components)


def is_transparent(frame: av.VideoFrame) -> bool:
    """Whether something shines through a frame that is not of palette colours.

    Every GIF is decoded with an alpha channel, most with an opaque one.
    """
    if not has_alpha(frame) or frame.format.has_palette:
        return False
    return bool((frame.to_ndarray(format="rgba")[..., 3] < 255).any())


def to_rgb(
    frame: av.VideoFrame, signal: Signal, *, hdr: str, size: tuple[int, int] | None = None
) -> UInt8[np.ndarray, "h w 3"]:
    """The frame as it is seen on an sRGB screen, upright; transparency is laid over white.

    Args:
      frame: decoded.
      signal: what its numbers mean.
      hdr: "tonemap" maps PQ and HLG to SDR; else they are taken as they are.
      size: height and width before it is turned upright; None: its own.
    """
    height, width = size or (frame.height, frame.width)
    toned = signal.curve in CURVES and hdr == "tonemap"
    linear = toned or (signal.primaries in _TO_709 and signal.curve not in CURVES)
    alpha = has_alpha(frame)
    shape = "rgba" if alpha else "rgb24"
    deep = {"rgba": "rgba64le", "rgb24": "rgb48le"}[shape] if linear else shape
    yuv = signal.matrix is not None and not frame.format.is_rgb
    pixels = frame.reformat(
        width=width,
        height=height,
        format=deep,
        src_colorspace=signal.matrix if yuv else None,
        src_color_range=(ColorRange.JPEG if signal.full else ColorRange.MPEG) if yuv else None,
        dst_color_range=ColorRange.JPEG if yuv else None,
        interpolation=encoders.EXACT,
    ).to_ndarray()
    rgb = pixels[..., :3]
    if linear:
        rgb = _sdr(rgb, signal)
    if alpha:
        rgb = _over_white(rgb, pixels[..., 3:])
    return upright(rgb, frame)


def upright(rgb: np.ndarray, frame: Any) -> np.ndarray:
    """Pixels [H, W, 3] turned and mirrored, by quarters, as the display matrix says."""
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return np.ascontiguousarray(rgb)
    # A point (right, down) becomes (a right + c down, b right + d down).
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5]
    if abs(int(b)) > abs(int(a)):
        rgb, a, d = rgb.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(rgb[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])


def tonemap(light: Float[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
    """Linear light of a screen, 1 is white paper, to [0, 1]: highlights are bent, the rest stays.

    Up to 0.65 nothing changes; from there the brightest of R, G and B follows an extended Reinhard
    curve, smooth at both ends, that reaches 1 at 1,000 cd/m2. All three are scaled alike, so that
    hues stay and grey stays grey.
    """
    brightest = light.max(axis=-1, keepdims=True)
    over, most = (brightest - _KNEE) / (1 - _KNEE), (_PEAK - _KNEE) / (1 - _KNEE)
    over = np.clip(over, 0, most)
    bent = _KNEE + (1 - _KNEE) * over * (1 + over / most**2) / (1 + over)
    scale = np.where(brightest > _KNEE, bent / np.maximum(brightest, 1e-6), 1)
    return light * scale


def _sdr(rgb: np.ndarray, signal: Signal) -> np.ndarray:
    """Uint16 R'G'B' of wide primaries or HDR to uint8 of BT.709."""
    steps = np.linspace(0, 1, 1 << 16, dtype=np.float32)
    curve = {PQ: _pq_light, HLG: _hlg_scene}.get(signal.curve, lambda x: x**_GAMMA)
    light = curve(steps)[rgb]
    if signal.curve == HLG:
        light = _hlg_screen(light)
    if signal.primaries in _TO_709:
        light = light @ np.array(_TO_709[signal.primaries], np.float32).T
    light = np.maximum(light, 0)
    if signal.curve in CURVES:
        light = tonemap(light)
    return np.rint(255 * light.clip(0, 1) ** (1 / _GAMMA)).astype(np.uint8)


def _pq_light(code: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084: code in [0, 1] to light, 1 is white paper."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = code.astype(np.float64) ** (1 / m2)
    light = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return (light / _WHITE).astype(np.float32)


def _hlg_scene(code: np.ndarray) -> np.ndarray:
    """BT.2100: code in [0, 1] to the light of the scene in [0, 1]."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _hlg_screen(scene: np.ndarray) -> np.ndarray:
    """BT.2100: light of the scene to that of a screen of 1,000 cd/m2, 1 is white paper."""
    brightness = scene @ np.array([0.2627, 0.6780, 0.0593], np.float32)
    return scene * np.maximum(brightness, 1e-6)[..., None] ** 0.2 * _PEAK


def _over_white(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha.astype(np.float32) / np.iinfo(alpha.dtype).max
    return np.rint(rgb * share + 255 * (1 - share)).astype(np.uint8)
