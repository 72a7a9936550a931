"""The wind of a clip: two numbers that say where, and how fast, what moves in it moves.

Everywhere in the project a *wind* is (right, down) as shares of the picture's width and height
from one frame of the clip to the next: (0.01, 0) carries clouds a hundredth of the width to the
right in each frame.

Painted clips know theirs. That of real footage is measured once for each two successive frames,
by optical flow (DIS, Kroeger et al. 2016, by OpenCV), and kept beside the built data set: the wind
of any window, at any frame step, is the mean over its pairs of frames times the frame step.
"""

import hashlib
import io
import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image
from tqdm import tqdm

from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile

FAST = 0.5  # of the speed that a tenth of the pixels exceeds: what counts as moving
SIDE = 64  # pixels: the size at which flow is measured
TOGETHER = 32  # pairs of frames whose mean motion decides which pixels move
Winds = Float[np.ndarray, "pairs 2"]


def mean_of_fast(field: Float[np.ndarray, "h w 2"]) -> Float[np.ndarray, "2"]:
    """The mean motion of what moves: of pixels faster than half of the 0.9 quantile of speed.

    Args:
      field: motion of each pixel (right, down), in any unit; the mean over the frames of a clip.
    """
    return field[moving(field)].mean(axis=0, dtype=np.float64).astype(np.float32)


def moving(field: Float[np.ndarray, "h w 2"]) -> np.ndarray:
    """Which pixels ``mean_of_fast`` is about: bool [h, w]."""
    speed = np.hypot(field[..., 0], field[..., 1])
    return speed >= FAST * np.quantile(speed, 0.9)


def measure(frames: Iterable[Image.Image]) -> Winds:
    """The wind from each frame to the next.

    Which pixels move is decided by the mean over up to ``TOGETHER`` pairs, so that the noise of
    still regions counts in none of them.
    """
    winds, fields = [np.zeros((0, 2), np.float32)], []
    for field in flows(map(grey, frames)):
        fields.append(field)
        if len(fields) == TOGETHER:
            winds.append(_of_moving(fields))
            fields = []
    return np.concatenate([*winds, _of_moving(fields)] if fields else winds)


def flows(frames: Iterable[UInt8[np.ndarray, "h w"]]) -> Iterator[Float[np.ndarray, "h w 2"]]:
    """The motion (right, down) from each frame to the next, in shares of width and height."""
    import cv2  # takes a fifth of a second, which only those wait for who need it

    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    before = None
    for frame in frames:
        if before is not None:
            height, width = frame.shape
            flow = np.zeros((height, width, 2), np.float32)
            yield engine.calc(before, frame, flow) / np.array([width, height], np.float32)
        before = frame


def stored(
    places: Sequence[AnyPath], shots: Iterable[Iterator[Image.Image]], lengths: list[int]
) -> list[Winds]:
    """The winds of every shot of a split: read from a file, or measured and written to one.

    Args:
      places: .npy files, best one first: beside the data set, and one in a folder of the user's
        in case nothing can be written there.
      shots: the frames of each shot; read only where there is no such file.
      lengths: frames of each shot.

    Raises:
      ValueError: if the file is damaged, or of other shots.
    """
    counts = [length - 1 for length in lengths]
    for path in places:
        if not path.exists():
            continue
        kept = _read(path)
        if kept.shape != (sum(counts), 2) or kept.dtype != np.float32:
            raise ValueError(
                f"{path} does not belong to this data set: it holds {kept.dtype} "
                f"{list(kept.shape)}; expected float32 [{sum(counts)}, 2]. Delete it: it is made "
                "anew."
            )
        return np.split(kept, np.cumsum(counts)[:-1])
    bar = tqdm(shots, total=len(counts), desc="winds (once)", unit="shot", file=sys.stderr)
    found = [measure(frames) for frames in bar]
    _keep(places, _with_digest(np.concatenate(found)))
    return found


def _keep(places: Sequence[AnyPath], content: bytes) -> None:
    """Writes to the first of the places that can be written; says so if it is another one."""
    refused = ""
    for path in places:
        try:
            with replacing(path) as partial:
                partial.write_bytes(content)
        except OSError as error:
            refused = refused or str(error)
            continue
        if refused:
            print(f"note: the winds are kept in {path}: {refused}", file=sys.stderr)
        return
    print(f"The winds are measured anew at each start: {refused}", file=sys.stderr)


def _with_digest(array: np.ndarray) -> bytes:
    """An .npy file, and after it the SHA-256 of its bytes, which NumPy does not read."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue() + hashlib.sha256(file.getvalue()).digest()


def _read(path: AnyPath) -> np.ndarray:
    """What ``_with_digest`` made; files of earlier versions end with the array.

    Raises:
      DamagedFile: if it is another than was written.
    """
    content = path.read_bytes()
    file = io.BytesIO(content)
    try:
        found = np.load(file, allow_pickle=False)
        rest = content[file.tell() :]
        whole = not rest or rest == hashlib.sha256(content[: file.tell()]).digest()
    except Exception:  # NumPy's own, and those of Python's parser of the header
        whole = False
    if not whole:
        raise DamagedFile(f"{path} is damaged. Delete it: it is made anew.")
    return found


def of_window(winds: Winds, *, start: int, frames: int, frame_step: int) -> np.ndarray:
    """The wind [2] of a clip: per frame of the clip, mean over the clip.

    Args:
      winds: of the clip's shot.
      start: its first frame.
      frames: its length.
      frame_step: how many frames of the shot make one of the clip.
    """
    pairs = winds[start : start + frame_step * (frames - 1)]
    return (frame_step * pairs.mean(axis=0, dtype=np.float64)).astype(np.float32)


def _of_moving(fields: list[np.ndarray]) -> Winds:
    where = moving(np.mean(fields, axis=0))
    return np.stack([field[where].mean(axis=0) for field in fields])


def grey(frame: Image.Image) -> UInt8[np.ndarray, "h w"]:
    """A frame as its flow is measured: grey, ``SIDE`` pixels a side."""
    frame = frame.convert("L")
    if frame.size != (SIDE, SIDE):
        frame = frame.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(frame)
