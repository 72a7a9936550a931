"""Protocols under which others publish scores, by name, so that a number can stand beside theirs.

A protocol says which clips are scored, and at which size; the model's own size and length may be
others. What it is, and how a clip came to that size, is stored with the results.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.config.schema import DatasetConfig
from ssagan_jax.io.photo_files import BILINEAR, resize_image

Animate: TypeAlias = Any  # an ``Animator``, or what has its attributes


@dataclass(frozen=True)
class Protocol:
    """Which clips are scored.

    Attributes:
      split: that the clips are of.
      size: pixels a side of the scored clips.
      frames: of a clip, the given photo included.
      windows, crop: as ``data.source`` has them.
      clips: at most so many; 0: all.
      metrics: those that need a network's weights.
      first_embedded: the first frame that FVD sees; 1: the given photo is not part of the clip.
    """

    name: str
    split: str
    size: int
    frames: int
    windows: str
    crop: str
    clips: int
    metrics: tuple[str, ...]
    first_embedded: int = 0

    def clips_of(self, dataset: DatasetConfig) -> DatasetConfig:
        """The data set that a model was trained on, as the protocol reads it."""
        return replace(
            dataset,
            size=self.size,
            frames=self.frames,
            frame_step=1,
            windows=self.windows,
            crop=self.crop,
        )

    def describe(self, model: Animate) -> dict[str, Any]:
        """The entries of the results' protocol: its name, and what the model's own clips are."""
        own = {"size": model.size, "frames": model.frames}
        return {"published_protocol": self.name, "model_clips": own}


_KNOWN = (
    # FVD16 of StyleGAN-V and those after it: 2,048 clips, one of a training video, at 256 pixels.
    Protocol("stylegan-v", "train", 256, 16, "random:1", "center", 2048, ("fvd",)),
    # Image-to-video with invertible networks (Dorkenwald et al., 2021): six clips of each test
    # shot, of the 16 frames after the photo, at 128 pixels.
    Protocol("cinn", "test", 128, 17, "random:6", "none", 0, ("lpips_vgg", "fvd"), 1),
)
PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in _KNOWN}


def find_protocol(name: str) -> Protocol:
    """The protocol of that name; raises ValueError if there is none."""
    if name not in PROTOCOLS:
        raise ValueError(f'Unknown protocol "{name}". Available: {", ".join(PROTOCOLS)}.')
    return PROTOCOLS[name]


@dataclass(frozen=True)
class FittedAnimator:
    """An ``Animator`` whose photos and clips have the protocol's size and length.

    Photos are scaled to the model's size, clips back to the protocol's (bilinear), and cut to its
    length.
    """

    animate: Animate
    protocol: Protocol

    def __post_init__(self) -> None:
        if self.animate.frames < self.protocol.frames:
            raise ValueError(
                f"The protocol {self.protocol.name} scores clips of {self.protocol.frames} frames, "
                f"and this model's have {self.animate.frames}. Score a model of longer clips."
            )

    @property
    def takes_wind(self) -> bool:
        """Whether the wind is an input."""
        return self.animate.takes_wind

    @property
    def takes_mask(self) -> bool:
        """Whether what may move is an input."""
        return self.animate.takes_mask

    def with_mask(self, mask: Float[np.ndarray, "b s s"]) -> "FittedAnimator":
        """The same, told what may move in photos of the protocol's size: ``Animator.with_mask``."""
        size = self.animate.size
        small = [cv2.resize(one, (size, size), interpolation=cv2.INTER_AREA) for one in mask]
        return replace(self, animate=self.animate.with_mask(np.stack(small)))

    @property
    def draws_noise(self) -> bool:
        """Whether noise is an input."""
        return self.animate.draws_noise

    def __call__(
        self, photos: UInt8[np.ndarray, "b s s 3"], **options: Any
    ) -> UInt8[np.ndarray, "b t s s 3"]:
        """Animates photos of the protocol's size; options as the ``Animator``'s."""
        clips = self.animate(_resized(photos, self.animate.size), **options)
        return _resized(clips[:, : self.protocol.frames], self.protocol.size)

    def prior(self, photos: UInt8[np.ndarray, "b s s 3"]) -> Float[np.ndarray, "b k 5"]:
        """Which winds the model finds likely for photos of the protocol's size."""
        return self.animate.prior(_resized(photos, self.animate.size))


def _resized(pictures: UInt8[np.ndarray, "*b h w 3"], size: int) -> np.ndarray:
    *outer, height, width, _ = pictures.shape
    if (height, width) == (size, size):
        return pictures
    flat = pictures.reshape(-1, height, width, 3)
    found = np.stack([resize_image(each, size, size, method=BILINEAR) for each in flat])
    return found.reshape(*outer, size, size, 3)
