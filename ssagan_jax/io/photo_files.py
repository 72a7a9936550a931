"""Photos and pictures: files on one side, ``uint8 [H, W, 3]`` (RGB) on the other.

Writing goes through ``replacing``, here and in ``video_io``: a file is either the
old one or the complete new one, never half of it.
"""

import contextlib
import io
import os
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath

Photo = UInt8[np.ndarray, "h w 3"]

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


def decode_photo(
    file: io.IOBase, label: str, *, note: Callable[[str], None] | None = None
) -> Photo:
    """``read_photo`` of an open file; errors and notes call it ``label``."""
    with _opened(file, label) as image:
        for text in _conversions(image) if note else ():
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
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a new name beside ``path``; at the end the file there takes its place.

    If the body fails, what was at ``path`` stays and the partial file is removed.
    Missing folders are made. For a path in a bucket the new name is on this machine's disk.

    Raises:
      OSError: the file cannot be written. Names the path and what to do.
    """
    path = paths.path(path)
    with _place(path) as partial:
        yield partial
        paths.put(partial, path)


def check_writable(path: str | os.PathLike) -> None:
    """Raises the OSError that writing to ``path`` would; leaves what is there alone.

    Makes the missing folders, and for a moment a file beside ``path``: permission
    bits alone do not tell (read-only mounts, root).
    """
    with _place(Path(path)) as partial:
        partial.touch()


@contextlib.contextmanager
def _place(path: AnyPath) -> Iterator[Path]:
    """A name for a file that is to be at ``path``: beside it, or, of a bucket, on a disk."""
    name = f".{uuid.uuid4().hex}.partial"
    disk = Path(tempfile.gettempdir()) if paths.is_bucket(path) else path.parent
    partial = disk / name
    try:
        disk.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        yield partial
    except OSError as error:
        raise OSError(
            f"Cannot write {path}: {error.strerror or error}. Check permissions and free "
            "space, or choose another place."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # "not a directory", when that was the problem
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(file: io.IOBase, label: str) -> Iterator[Image.Image]:
    if _is_heic(file):
        _learn_heic(label)
    try:
        # Pillow warns from MAX_IMAGE_PIXELS on and refuses at twice as many. Some phones
        # take photos between the two.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                yield image
    except Image.DecompressionBombError as error:
        most = 2 * Image.MAX_IMAGE_PIXELS
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


def _is_heic(file: io.IOBase) -> bool:
    start = file.read(12)
    file.seek(0)
    return start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS


def _learn_heic(label: str) -> None:
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
    if getattr(image, "n_frames", 1) > 1:
        yield f"is an animation of {image.n_frames} frames: the first one is taken."
    if image.mode == "CMYK":
        yield "is CMYK, made for print: its colours become RGB without its profile."
    if image.mode.startswith("I"):
        yield "has 16 bits: the upper 8 are taken."
    if image.has_transparency_data and image.convert("RGBA").getextrema()[3][0] < 255:
        yield "is transparent in part: that is laid over white."


def _upright_rgb(image: Image.Image, *, behind: str = "white") -> Photo:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits; Pillow's own conversion only clips
        image = Image.fromarray((np.asarray(image) // 256).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, behind), image)
    return np.array(image.convert("RGB"))
