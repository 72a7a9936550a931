"""Pictures of every mode and colour profile to sRGB, 8 bits, without transparency."""

import functools
import io
from typing import Any, NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageCms

from ssagan_jax.io.icc_profiles import ADOBE_RGB, described_by_code, described_by_png

# Formats of photographs. Pillow opens others too: documents, fonts, data, and programs to draw by.
FORMATS = (
    *("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "HEIF", "JPEG2000"),
    *("PPM", "TGA", "QOI", "PSD", "PCX", "SGI", "SUN", "ICO", "ICNS", "DDS", "IM", "XBM", "XPM"),
)
_LEVELS = 2  # profiles that change no colour by more are taken as sRGB
# Tags of TIFF: NewSubfileType, BitsPerSample, PhotometricInterpretation, SampleFormat.
_PREVIEW, _BITS, _MEANING, _NUMBERS = 254, 258, 262, 339
_WHITE_IS_ZERO = 0
_CODE = "ssagan_jax colour code"  # in ``image.info``: primaries and transfer of ITU-T H.273
_HDR = {16: "PQ", 18: "HLG"}


class _ToSrgb(NamedTuple):
    """Colours of a name, as pixels of a mode, to sRGB."""

    name: str
    mode: str
    transform: ImageCms.ImageCmsTransform

    def applied(self, image: Image.Image) -> Image.Image:
        found = ImageCms.applyTransform(image, self.transform)
        assert found is not None  # it is only where a picture is changed in place
        return found


def note_code(image: Image.Image, head: bytes) -> None:
    """Keeps what Pillow does not read of PNG, AVIF and HEIC: colours by the numbers of ITU-T H.273.

    Args:
      image: as opened.
      head: the file's first bytes.
    """
    if image.format == "PNG" and (start := head.find(b"cICP") + 4) > 3:
        image.info[_CODE] = tuple(head[start : start + 2])
    elif image.format in ("AVIF", "HEIF") and (start := head.find(b"colrnclx") + 8) > 7:
        image.info[_CODE] = (head[start + 1], head[start + 3])


def check_kind(image: Image.Image) -> None:
    """Refuses by name what has no defined colours.

    Raises:
      ValueError: a format that holds no photos, or numbers without a known black and white.
    """
    if image.format and image.format not in FORMATS:
        raise ValueError(f"it is {image.format}, which is not read; save it as PNG")
    if hdr := _HDR.get(image.info.get(_CODE, (0, 0))[1]):
        raise ValueError(f"it is HDR ({hdr}), whose light is not that of sRGB; save it as SDR")
    tags = getattr(image, "tag_v2", {})
    if tags.get(_PREVIEW, 0) & 1:
        raise ValueError("it is a camera's raw file; develop it as JPEG or TIFF")
    signed = any(number == 2 for number in _several(tags.get(_NUMBERS, 1)))
    if image.mode == "F" or signed or (image.mode == "I" and image.format != "PPM"):
        kind = "floats" if image.mode == "F" else "signed numbers" if signed else "32 bits"
        raise ValueError(
            f"its pixels are {kind}, and which is black and which is white is not said; save it "
            "with 8 or 16 bits"
        )


def is_plain(image: Image.Image) -> bool:
    """Whether all that is to be done is ``convert("RGB")``; of a picture without transparency."""
    upright = image.getexif().get(ExifTags.Base.Orientation, 1) not in range(2, 9)
    try:
        return upright and image.mode in ("RGB", "L") and _transform(image, image.mode) is None
    except (ImageCms.PyCMSError, OSError, ValueError):  # a damaged profile: said when it is read
        return False


def to_srgb(image: Image.Image, *, behind: str = "white") -> tuple[Image.Image, list[str]]:
    """An RGB picture, and what was done that a person might not expect, a phrase each.

    Args:
      image: as opened, of any mode that ``check_kind`` lets pass.
      behind: the colour that shows through where the picture is transparent.
    """
    notes: list[str] = []
    image, alpha = _without_alpha(image)
    if image.mode.startswith("I"):
        image = _eight_bits(image, notes)
    if image.mode in ("1", "P", "PA", "YCbCr", "HSV", "RGBX"):
        image = _like(image, image.convert("RGB"))
    image = _managed(image, notes)
    if alpha is not None and (shares := np.asarray(alpha)).min() < 255:
        if not shares.any() and behind == "white":
            notes.append("is transparent everywhere: that is ignored.")
        else:
            notes.append(f"is transparent in part: that is laid over {behind}.")
            image = Image.composite(image, Image.new("RGB", image.size, behind), alpha)
    return image, notes


def _without_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours, and the transparency by itself."""
    if not image.has_transparency_data:
        return image, None
    if image.mode.startswith("I"):  # one grey of a PNG stands for "transparent"
        clear = np.asarray(image) == image.info["transparency"]
        return image, Image.fromarray(np.where(clear, 0, 255).astype(np.uint8))
    if image.mode in ("L", "LA", "La"):
        grey = image.convert("LA")
        return _like(image, grey.convert("L")), grey.getchannel("A")
    colours = image.convert("RGBA")
    return _like(image, colours.convert("RGB")), colours.getchannel("A")


def _like(original: Image.Image, image: Image.Image) -> Image.Image:
    """``image``, with what the original says of its colours."""
    image.format = original.format
    image.info = {key: value for key, value in original.info.items() if key != "transparency"}
    return image


def _eight_bits(image: Image.Image, notes: list[str]) -> Image.Image:
    """The upper 8 of a grey picture's bits."""
    tags = getattr(image, "tag_v2", {})
    bits = max(_several(tags.get(_BITS, 16)))
    notes.append(f"has {bits} bits: the upper 8 are taken.")
    pixels = (np.asarray(image).astype(np.int64) >> (bits - 8)).clip(0, 255).astype(np.uint8)
    if tags.get(_MEANING) == _WHITE_IS_ZERO:
        pixels = 255 - pixels
    return _like(image, Image.fromarray(pixels))


def _managed(image: Image.Image, notes: list[str]) -> Image.Image:
    """RGB by the picture's own profile."""
    space = image.mode
    try:
        transform = _transform(image, space)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        notes.append(f"has a colour profile that cannot be used ({error}): taken as sRGB.")
        return image.convert("RGB")
    if space == "CMYK" and transform is None:
        notes.append("is CMYK, made for print, without a profile: its colours become RGB roughly.")
    if transform is None:
        return image.convert("RGB")
    notes.append(f"has the colours of {transform.name}: they become sRGB.")
    if image.mode != transform.mode:
        image = image.convert(transform.mode)
    return transform.applied(image)


def _transform(image: Image.Image, mode: str) -> _ToSrgb | None:
    """How a picture's colours become sRGB; None if they are sRGB.

    Raises:
      PyCMSError, OSError, ValueError: its profile is damaged, or one of other colours.
    """
    profile = image.info.get("icc_profile") or b""
    if not profile and mode != "CMYK":
        profile = _said_elsewhere(image)
    if mode == "LAB":
        profile = b"LAB"
    return _transform_of(profile, mode) if profile else None


def _said_elsewhere(image: Image.Image) -> bytes:
    """The profile that a code, a PNG's chunks or EXIF (cameras set to Adobe RGB) stand for."""
    if _CODE in image.info:
        return described_by_code(*image.info[_CODE])
    if image.format == "PNG":
        return described_by_png(dict(image.info))
    if image.format not in ("JPEG", "MPO", "TIFF"):
        return b""
    exif = image.getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    space, interoperable = details.get(ExifTags.Base.ColorSpace), None
    if ExifTags.IFD.Interop in details:  # else Pillow before 13 raises KeyError
        interoperable = exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex)
    return ADOBE_RGB if space == 2 or interoperable in ("R03", "R03\0") else b""


@functools.lru_cache(maxsize=32)
def _transform_of(profile: bytes, mode: str) -> _ToSrgb | None:
    if profile == b"LAB":
        return _built(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "L*a*b*", "LAB")
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = opened.profile.xcolor_space.strip()
    wanted = {"RGB": ("RGB", "L"), "GRAY": ("L",), "CMYK": ("CMYK",)}
    if mode not in wanted.get(space, ()):
        raise ValueError(f"one for {space}, and the picture is {mode}")
    name = " ".join((opened.profile.profile_description or "its profile").split())
    found = _built(opened, name, {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[space])
    return None if _keeps_colours(found) else found


def _built(profile: ImageCms.ImageCmsProfile, name: str, mode: str) -> _ToSrgb:
    target = ImageCms.createProfile("sRGB")
    intent = ImageCms.Intent.PERCEPTUAL
    return _ToSrgb(name, mode, ImageCms.buildTransform(profile, target, mode, "RGB", intent))


def _keeps_colours(found: _ToSrgb) -> bool:
    """Whether a transform to sRGB changes next to nothing, tried on colours of all kinds."""
    if found.mode == "CMYK":
        return False
    bands = len(found.mode)
    steps = np.linspace(0, 255, 256 if bands == 1 else 12).astype(np.uint8)
    colours = np.stack(np.meshgrid(*[steps] * bands, indexing="ij"), axis=-1)
    given = Image.fromarray(colours.reshape(1, -1, bands).squeeze(axis=() if bands > 1 else 2))
    changed = np.asarray(found.applied(given)).astype(int) - np.asarray(given.convert("RGB"))
    return bool(np.abs(changed).max() <= _LEVELS)


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
