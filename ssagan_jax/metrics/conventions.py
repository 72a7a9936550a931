"""The two ways in which the field scores a clip: same formulas, other numbers.

SSIM does not survive a change of range: the same pair of frames can score 0.55 by
one convention and 0.75 by the other. So results always name theirs.
"""

import dataclasses
from typing import Any

from jaxtyping import Array, Float


@dataclasses.dataclass(frozen=True)
class Convention:
    """In what range, with which window and on which frames a clip is scored.

    Attributes:
      low: the value of black. White is ``low + peak``.
      peak: the width of the value range: PSNR's peak and SSIM's dynamic range.
      first_frame: the first frame that counts (0 is the given photo).
      window: SSIM's window, "uniform" or "gaussian".
      window_size: its side in pixels. Half of it is dropped at each border.
      sigma: standard deviation of the Gaussian window in pixels (0 if uniform).
      sample_covariance: whether variances are divided by n - 1 instead of n.
    """

    low: float
    peak: float
    first_frame: int
    window: str
    window_size: int
    sigma: float
    sample_covariance: bool

    def describe(self, *, frames: int) -> dict[str, Any]:
        """The entry of the protocol for clips of so many frames."""
        return dataclasses.asdict(self) | {"counted_frames": frames - self.first_frame}

    def rescale(self, clip: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Maps floats in [-1, 1] to [low, low + peak]."""
        half = self.peak / 2
        return clip * half + (self.low + half)


# What the authors' code computes: scikit-image 0.14 with its defaults, on the
# networks' own range and with the given frame among the scored ones.
AUTHOR = Convention(
    low=-1.0,
    peak=2.0,
    first_frame=0,
    window="uniform",
    window_size=7,
    sigma=0.0,
    sample_covariance=True,
)

# Wang et al. 2004, as most papers since; the given frame does not count.
STANDARD = Convention(
    low=0.0,
    peak=1.0,
    first_frame=1,
    window="gaussian",
    window_size=11,
    sigma=1.5,
    sample_covariance=False,
)

CONVENTIONS = {"author": AUTHOR, "standard": STANDARD}
