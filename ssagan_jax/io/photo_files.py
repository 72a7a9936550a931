"""Photos and pictures: files on one side, ``uint8 [H, W, 3]`` (RGB) on the other."""

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import ExifTags, Image, UnidentifiedImageError

from ssagan_jax.io import paths, photo_colours
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.media_files import unusual_kind
from ssagan_jax.io.paths import AnyPath

Photo = UInt8[np.ndarray, "h w 3"]
File = io.BufferedReader | io.BytesIO

LANCZOS, BILINEAR = Image.Resampling.LANCZOS, Image.Resampling.BILINEAR
PHOTO_KINDS = "JPEG, PNG or WebP"
_HEAD = 4096  # bytes, among which the colours are
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_KINDS = {  # that Pillow does not know, by how they begin
    b"v/1\x01": "OpenEXR, which is not read; save it as PNG",
    b"#?R": "Radiance HDR, which is not read; save it as PNG",
    b"II*\0": "a TIFF of a kind that is not read (such as floats); save it with 8 or 16 bits",
    b"MM\0*": "a TIFF of a kind that is not read (such as floats); save it with 8 or 16 bits",
    b"\xff\x0a": "JPEG XL, which is not read; save it as PNG",
    b"\0\0\0\x0cJXL ": "JPEG XL, which is not read; save it as PNG",
    b"FUJIFILM": "a camera's raw file; develop it as JPEG or TIFF",
    b"%PDF": "PDF, which is not read; save it as PNG",
}
_ANIMATIONS = ("GIF", "PNG", "WEBP", "AVIF")  # what several pictures in one file are, by format
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UnreadablePhoto(ValueError):
    """A file that is not a picture that can be read; ``reason`` is why, without its name."""

    def __init__(self, message: str, reason: str):
        super().__init__(message)
        self.reason = reason


def read_photo(path: str | os.PathLike, *, note: Callable[[str], None] | None = None) -> Photo:
    """Reads a photo as uint8 sRGB [H, W, 3], turned upright by its EXIF rotation.

    Colours are managed by the photo's own profile. Palette, grey, CMYK, L*a*b* and 16-bit pictures
    become 8-bit RGB; transparency is laid over white. Of an animation, the first frame. HEIC is
    read where pillow-heif is installed.

    Args:
      path: the file.
      note: called with one line for each of these conversions that changes what is seen.

    Raises:
      FileNotFoundError: there is no such file.
      ValueError: it is a folder, not a picture, damaged, of a kind without defined colours
        (floats, 32 bits), or has more than ``2 * PIL.Image.MAX_IMAGE_PIXELS`` pixels (a file made
        to fill the memory).
      ImportError: it is HEIC, and pillow-heif is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No photo at {path}. Check the path.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, expected one photo ({PHOTO_KINDS}).")
    if kind := unusual_kind(path):
        raise ValueError(f"{path} is {kind}, expected one photo ({PHOTO_KINDS}).")
    with open(path, "rb") as file:
        return decode_photo(file, str(path), note=note)


def decode_photo(file: File, label: str, *, note: Callable[[str], None] | None = None) -> Photo:
    """``read_photo`` of an open file; errors and notes call it ``label``."""
    with _opened(file, label) as image:
        several, (photo, changes) = list(_several(image)), _upright(image)
        if note:
            for text in several + changes:
                note(f"{label} {text}")
        return np.array(photo)


class Facts(NamedTuple):
    """What the head of a picture's file says.

    Attributes:
      format: such as "JPEG", by the content.
      size: width and height in pixels, as stored.
      turned: whether its EXIF asks to turn or mirror it.
      plain: whether it is a JPEG whose pixels are those of the photo as they are: upright sRGB.
    """

    format: str
    size: tuple[int, int]
    turned: bool
    plain: bool


def facts(data: bytes, label: str) -> Facts:
    """Looks at the head of a picture's file; errors as ``decode_photo``."""
    with _opened(io.BytesIO(data), label) as image:
        jpeg = image.format in ("JPEG", "MPO")
        plain = jpeg and photo_colours.is_plain(image)
        return Facts(image.format or "", image.size, _turn(image) is not None, plain)


def check_pixels(data: bytes, label: str) -> None:
    """Reads all of a JPEG, at an eighth of its size; errors as ``decode_photo``."""
    with _opened(io.BytesIO(data), label) as image:
        image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()


def read_mask(path: str | os.PathLike, *, label: str | None = None) -> UInt8[np.ndarray, "h w"]:
    """Reads a mask: the greys of a picture, upright; transparent is black.

    Errors as a photo's; those of its content call it ``label``, None: by its path.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"No mask at {path}. Check the path.")
    with open(path, "rb") as file, _opened(file, label or str(path)) as image:
        return np.asarray(_upright(image, behind="black")[0]).max(axis=2)


def resize_image(
    image: np.ndarray, height: int, width: int, *, method: Image.Resampling = LANCZOS
) -> np.ndarray:
    """A picture, uint8 [H, W, 3] or [H, W], at another size: [height, width, 3] or [height, width].

    Lanczos, the default, is antialiased going down and sharper than bicubic going up.
    """
    return np.asarray(Image.fromarray(image).resize((width, height), method))


def write_image(path: str | os.PathLike, image: Photo) -> AnyPath:
    """Writes a PNG (folder made, file replaced in one go). Returns the path.

    Raises:
      ValueError: the path does not end in ``.png``.
      OSError: the path cannot be written.
    """
    path = paths.path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"Cannot write {path}: pictures are written as .png.")
    with replacing(path) as partial:
        Image.fromarray(image).save(partial, format="PNG")
    return path


@contextlib.contextmanager
def _opened(file: File, label: str) -> Iterator[Image.Image]:
    if _is_heic(file):
        _register_heic(label)
    try:
        # Pillow warns from MAX_IMAGE_PIXELS on and refuses at twice as many. Some phones
        # take photos between the two.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            _check_whole(file)
            head = file.read(_HEAD)
            file.seek(0)
            with Image.open(file) as image:
                photo_colours.note_code(image, head)
                photo_colours.check_kind(image)
                yield image
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0)
        reason = (
            f"too many pixels: more than {most} ({most / 1e6:.0f} million) are not read, since a "
            "small file could fill the memory. Make it smaller first."
        )
        raise UnreadablePhoto(f"{label} has {reason}", reason) from error
    except UnidentifiedImageError as error:
        raise _unreadable(label, f"it is {_other_kind(file)}") from error
    except Exception as error:  # a damaged file can raise nearly anything in a decoder
        raise _unreadable(label, " ".join(str(error).split()) or type(error).__name__) from error


def _unreadable(label: str, reason: str) -> UnreadablePhoto:
    return UnreadablePhoto(
        f"Cannot read {label} as a photo, expected {PHOTO_KINDS}: {reason}", reason
    )


def _other_kind(file: File) -> str:
    file.seek(0)
    start = file.read(16)
    return next((kind for key, kind in _KINDS.items() if start.startswith(key)), "not a picture.")


def _check_whole(file: File) -> None:
    """Refuses a JPEG whose end is nothing but zeros, as of a download that stopped.

    The decoder makes grey of zeros and does not complain.
    """
    start = file.read(2)
    data = start + file.read() if start == b"\xff\xd8" else b""
    file.seek(0)
    if data.endswith(bytes(64)) and data.find(b"\xff\xd9", data.rfind(b"\xff\xda")) < 0:
        raise ValueError("it is truncated: its end is nothing but zeros")


def _is_heic(file: File) -> bool:
    start = file.read(12)
    file.seek(0)
    return start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS


def _register_heic(label: str) -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise ImportError(
            f"{label} is a HEIC photo, which needs a package: pip install pillow-heif. Or save it "
            "as JPEG."
        ) from error
    pillow_heif.register_heif_opener()


def _several(image: Image.Image) -> Iterator[str]:
    """What of a file of several pictures is left out; phones keep a second one in their JPEGs."""
    count = getattr(image, "n_frames", 1)
    if count > 1 and image.format in _ANIMATIONS:
        yield f"is an animation of {count} frames: the first one is taken."
    elif count > 1 and image.format == "TIFF":
        yield f"has {count} pages: the first one is taken."


def _upright(image: Image.Image, *, behind: str = "white") -> tuple[Image.Image, list[str]]:
    """An RGB picture with nothing more to be turned, and what was done to its colours."""
    image.load()  # of a TIFF also turns it; of a PNG also reads what comes after the pixels
    turn = _turn(image)
    photo, notes = photo_colours.to_srgb(image, behind=behind)
    return (photo if turn is None else photo.transpose(turn)), notes


def _turn(image: Image.Image) -> Image.Transpose | None:
    return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
