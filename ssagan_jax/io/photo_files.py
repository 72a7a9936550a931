"""Photos and pictures: files on one side, ``uint8 [H, W, 3]`` (RGB) on the other."""

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath

Photo = UInt8[np.ndarray, "h w 3"]
File = io.BufferedReader | io.BytesIO

LANCZOS, BILINEAR = Image.Resampling.LANCZOS, Image.Resampling.BILINEAR
PHOTO_KINDS = "JPEG, PNG or WebP"
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")  # looked for in a folder
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def read_photo(path: str | os.PathLike, *, note: Callable[[str], None] | None = None) -> Photo:
    """Reads a photo as uint8 RGB [H, W, 3], turned upright by its EXIF rotation.

    Palette, grey, CMYK and 16-bit pictures become 8-bit RGB; transparency is laid over
    white. Of an animation, the first frame. HEIC is read where pillow-heif is installed.

    Args:
      path: the file.
      note: called with one line for each of these conversions that changes what is seen.

    Raises:
      FileNotFoundError: there is no such file.
      ValueError: it is a folder, not a picture, damaged, or has more than
        ``2 * PIL.Image.MAX_IMAGE_PIXELS`` pixels (a file made to fill the memory).
      ImportError: it is HEIC, and pillow-heif is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No photo at {path}. Check the path.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, expected one photo ({PHOTO_KINDS}).")
    with open(path, "rb") as file:
        return decode_photo(file, str(path), note=note)


def decode_photo(file: File, label: str, *, note: Callable[[str], None] | None = None) -> Photo:
    """``read_photo`` of an open file; errors and notes call it ``label``."""
    with _opened(file, label) as image:
        if note:
            for text in _conversions(image):
                note(f"{label} {text}")
        return _upright_rgb(image)


def read_mask(path: str | os.PathLike, *, label: str | None = None) -> UInt8[np.ndarray, "h w"]:
    """Reads a mask: the greys of a picture, upright; transparent is black.

    Errors as a photo's; those of its content call it ``label``, None: by its path.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"No mask at {path}. Check the path.")
    with open(path, "rb") as file, _opened(file, label or str(path)) as image:
        return _upright_rgb(image, behind="black").max(axis=2)


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
            with Image.open(file) as image:
                yield image
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0)
        raise ValueError(
            f"{label} has too many pixels: more than {most} ({most / 1e6:.0f} million) are not "
            "read, since a small file could fill the memory. Make it smaller first."
        ) from error
    except UnidentifiedImageError as error:
        raise ValueError(
            f"Cannot read {label} as a photo, expected {PHOTO_KINDS}: it is not a picture."
        ) from error
    except Exception as error:  # a damaged file can raise nearly anything in a decoder
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            f"Cannot read {label} as a photo, expected {PHOTO_KINDS}: {reason}"
        ) from error


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


def _conversions(image: Image.Image) -> Iterator[str]:
    """What happens to a picture that a person might not expect."""
    if (frames := getattr(image, "n_frames", 1)) > 1:
        yield f"is an animation of {frames} frames: the first one is taken."
    if image.mode == "CMYK":
        yield "is CMYK, made for print: its colours become RGB without its profile."
    if image.mode.startswith("I"):
        yield "has 16 bits: the upper 8 are taken."
    if image.has_transparency_data and np.asarray(image.convert("RGBA"))[..., 3].min() < 255:
        yield "is transparent in part: that is laid over white."


def _upright_rgb(image: Image.Image, *, behind: str = "white") -> Photo:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits; Pillow's own conversion only clips
        image = Image.fromarray((np.asarray(image) // 256).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, behind), image)
    return np.array(image.convert("RGB"))
