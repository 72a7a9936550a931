"""Colour profiles (ICC, version 2) of colours that a file describes in another way.

Source: ICC.1:2001-04, sections 6.1, 6.4 and 6.5; white is adapted to D50 by Bradford's matrix.
"""

import struct
from typing import Any

import numpy as np

Point = tuple[float, float]  # CIE x, y

_D65 = (0.3127, 0.3290)
_D50 = np.array([0.9642, 1.0, 0.8249])  # X, Y, Z
_SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# By the numbers of ITU-T H.273, tables 2 and 3: BT.709, BT.2020, Display P3; and curves that
# displays show as sRGB's, a power of 2.2, light itself.
_PRIMARIES = {
    1: _SRGB,
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}
_GAMMAS = {1: None, 6: None, 13: None, 14: None, 15: None, 4: 2.2, 8: 1.0}
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def matrix_profile(
    name: str, primaries: tuple[Point, ...], white: Point, gamma: float | None
) -> bytes:
    """The profile of a display.

    Args:
      name: what it is called.
      primaries: of red, green and blue.
      white: of equal amounts of the three.
      gamma: light is the stored value, of 0 to 1, to this power; None: as of sRGB.

    Raises:
      ValueError, LinAlgError: if there are no such colours.
    """
    if min(*white, *(y for _, y in primaries)) <= 0 or not 0 < (gamma or 1) < 256:
        raise ValueError("no such colours")
    light = np.stack([_xyz(point) for point in primaries], axis=1)
    columns = light * np.linalg.solve(light, _xyz(white))
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ _xyz(white))
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ columns
    curve = _srgb_curve() if gamma is None else _power(gamma)
    tags = {
        b"desc": _description(name),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": _point(_D50),
    }
    for letter, column in zip((b"r", b"g", b"b"), adapted.T, strict=True):
        tags |= {letter + b"XYZ": _point(column), letter + b"TRC": curve}
    return _assembled(tags)


def described_by_png(info: dict[Any, Any]) -> bytes:
    """The profile that a PNG's chunks gAMA and cHRM stand for; empty if there is none.

    Args:
      info: what Pillow read: ``gamma``, ``chromaticity`` (white, red, green, blue), ``srgb``.
    """
    gamma, points = info.get("gamma"), info.get("chromaticity")
    if "srgb" in info or not gamma:  # browsers too take no cHRM without gAMA
        return b""
    white, *primaries = zip(points[::2], points[1::2], strict=True) if points else (_D65, *_SRGB)
    usual = np.allclose((white, *primaries), (_D65, *_SRGB), atol=0.002)
    if usual and abs(gamma - 1 / 2.2) < 0.01:  # how programs write sRGB
        return b""
    try:
        return matrix_profile("a PNG's gAMA and cHRM", tuple(primaries), white, 1 / gamma)
    except (ValueError, np.linalg.LinAlgError):
        return b""


def described_by_code(primaries: int, transfer: int) -> bytes:
    """The profile that the numbers of ITU-T H.273 stand for; empty if it is sRGB, or not known."""
    if primaries not in _PRIMARIES or transfer not in _GAMMAS:
        return b""
    points, gamma = _PRIMARIES[primaries], _GAMMAS[transfer]
    if points == _SRGB and gamma is None:
        return b""
    return matrix_profile(f"H.273 {primaries}/{transfer}", points, _D65, gamma)


def _srgb_curve() -> bytes:
    value = np.linspace(0, 1, 1024)
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return (
        b"curv"
        + struct.pack(">II", 0, len(light))
        + np.round(light * 65535).astype(">u2").tobytes()
    )


def _power(gamma: float) -> bytes:
    return b"curv" + struct.pack(">III", 0, 1, round(gamma * 256) << 16)


def _xyz(point: Point) -> np.ndarray:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _point(xyz: np.ndarray) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in xyz))


def _description(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(8 + 3 + 67 + 3)


def _assembled(tags: dict[bytes, bytes]) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for key, content in tags.items():
        table += key + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4xI", start + len(body), 0x02100000) + b"mntrRGB XYZ "
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", *(round(v * 65536) for v in _D50))
    return head.ljust(128, b"\0") + table + body


ADOBE_RGB = matrix_profile(
    "Adobe RGB (1998)", ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), _D65, 563 / 256
)
