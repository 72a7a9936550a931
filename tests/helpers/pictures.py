"""Pictures in files, made for tests: bars of four colours, and TIFFs that Pillow does not write."""

import io
import itertools
import struct

import numpy as np
from PIL import Image

BARS = [(200, 40, 40), (40, 180, 60), (40, 60, 200), (128, 128, 128)]


def bars(mode="RGB", *, side=8):
    """Bars of ``BARS``, from left to right, each side x side pixels."""
    pixels = np.array(BARS, np.uint8)[None].repeat(side, 0).repeat(side, 1)
    return Image.fromarray(pixels).convert(mode)


def colours(picture, *, of=4):
    """The colour in the middle of each bar, as lists of numbers."""
    pixels = np.asarray(picture).astype(int)
    height, width = pixels.shape[:2]
    return [pixels[height // 2, int(width * (bar + 0.5) / of)].tolist() for bar in range(of)]


def encoded(image, **options):
    """A picture as the bytes of a file; options as of Pillow's ``save``."""
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def tiff(pixels, *, bits, meaning, more=()):
    """A TIFF of one uncompressed strip.

    Args:
      pixels: [height, width] or [height, width, bands], little endian.
      bits: of each band.
      meaning: PhotometricInterpretation.
      more: further tags of one short number each.
    """
    height, width = pixels.shape[:2]
    bands = len(bits)
    tags = {256: [width], 257: [height], 258: bits, 259: [1], 262: [meaning], 273: [0]}
    tags |= {277: [bands], 278: [height], 279: [pixels.nbytes], **{k: [v] for k, v in more}}
    after = 8 + 2 + 12 * len(tags) + 4
    start = after + 2 * bands
    tags[273] = [start]
    entries, extra = b"", b""
    for tag, values in sorted(tags.items()):
        content = b"".join(struct.pack("<H", value) for value in values)
        if len(content) > 4:
            place, extra = after + len(extra), extra + content
            content = struct.pack("<I", place)
        entries += struct.pack("<HHI", tag, 3, len(values)) + content.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return (head + extra).ljust(start, b"\0") + pixels.tobytes()


def grey_ink_profile():
    """A profile of a press on which all four inks are black: by it, cyan is grey."""
    tables = bytes(range(256))
    corners = [(0 if any(inks) else 255, 128, 128) for inks in itertools.product((0, 1), repeat=4)]
    matrix = struct.pack(">9i", *(65536 * (index % 4 == 0) for index in range(9)))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix
    lut += tables * 4 + bytes(itertools.chain(*corners)) + tables * 3
    tags = {b"A2B0": lut, b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    entries, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        entries += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = 128 + len(entries) + len(body)
    head = struct.pack(">I4xI", size, 0x02100000) + b"prtrCMYKLab "
    white = struct.pack(">3i", 63190, 65536, 54061)  # D50
    head = head.ljust(36, b"\0") + b"acsp"
    return head.ljust(68, b"\0") + white + bytes(128 - 80) + entries + body
