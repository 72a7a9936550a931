"""The ladder of resolutions that generator and discriminator share."""

import dataclasses

SIZES = (32, 64, 128, 256)
FRAMES = (8, 16, 32, 64)
SMALLEST = 4  # pixels a side at the deepest level
WIDEST = 16  # times ``features``: channels at most
Triple = tuple[int, int, int]  # time, height, width
Convolution = tuple[Triple, Triple, Triple]  # kernel, strides, padding


@dataclasses.dataclass(frozen=True)
class Level:
    """One halving convolution: its channels, kernel, strides and padding (time, h, w)."""

    features: int
    kernel: Triple
    strides: Triple
    padding: Triple = (1, 1, 1)

    @property
    def convolution(self) -> Convolution:
        """Kernel, strides, padding."""
        return self.kernel, self.strides, self.padding


def check_size(size: int) -> None:
    """Raises ValueError unless ``size`` is one of ``SIZES``."""
    if size not in SIZES:
        raise ValueError(f"size must be one of {SIZES}, not {size}.")


def check_frames(frames: int) -> None:
    """Raises ValueError unless ``frames`` is one of ``FRAMES``."""
    if frames not in FRAMES:
        raise ValueError(f"frames must be one of {FRAMES}, not {frames}.")


def levels(size: int, frames: int, features: int) -> tuple[Level, ...]:
    """The levels, shallow to deep, of a ``size`` x ``size`` x ``frames`` clip.

    The first halves space only; each further one halves space, and time until it is 2,
    down to 4 x 4 pixels. Channels double up to 16 x ``features``. 128 x 128 x 32 gives the
    paper's layer table.

    Raises:
      ValueError: for a size or a number of frames outside ``SIZES`` and ``FRAMES``.
    """
    check_size(size)
    check_frames(frames)
    ladder, time, width = [Level(features, (3, 4, 4), (1, 2, 2))], frames, 2 * features
    size //= 2
    while size > SMALLEST:
        halve = time > 2
        kernel, strides = ((4, 4, 4), (2, 2, 2)) if halve else ((3, 4, 4), (1, 2, 2))
        ladder.append(Level(min(width, WIDEST * features), kernel, strides))
        time, size, width = time // 2 if halve else time, size // 2, 2 * width
    return tuple(ladder)


def time_left(frames: int, ladder: tuple[Level, ...]) -> int:
    """Frames at the deepest level: the bottleneck kernel is (this, 4, 4)."""
    for level in ladder:
        frames //= level.strides[0]
    return frames
