"""How far moving the photo can go: predictions made from the true clip, bounds and no results.

Each clip's optical flow (``data.winds``) is averaged over its frames to one static field, and its
first frame is moved along it. What a model loses to ``static_field`` is motion that it does not
know; what that loses to the real clip is motion that changes, light that changes, and what comes in
at the borders. ``one_vector`` keeps of the field what moves and one wind: what a mask and two
numbers can do.
"""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.data import winds
from ssagan_jax.evaluation.batches import ClipBatch

# Row of a result -> what people are told it is.
BOUNDS = {
    "static_field": "bound: warp by the clip's own static field",
    "one_vector": "bound: warp by one vector on a mask of what moves",
}
SOFTNESS = 1 / 32  # standard deviation of the blur of the mask, share of the picture's side


def predict_bounds(batch: ClipBatch) -> dict[str, UInt8[np.ndarray, "b t h w 3"]]:
    """The first frame of each real clip moved by the clip's own motion, a row for each bound."""
    fields = [static_field(clip) for clip in batch.clips]
    frames = batch.clips.shape[1]
    rows = {"static_field": fields, "one_vector": [keep_one_vector(field) for field in fields]}
    return {
        name: np.stack(
            [warp(clip[0], field, frames) for clip, field in zip(batch.clips, row, strict=True)]
        )
        for name, row in rows.items()
    }


def static_field(clip: UInt8[np.ndarray, "t h w 3"]) -> Float[np.ndarray, "h w 2"]:
    """The motion of the content (right, down), pixels per frame, mean over the frames of a clip.

    It is measured from each frame back to the one before, for it says where a pixel comes from.
    """
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip[::-1]]
    shares = np.stack(list(winds.flows(grey))).mean(axis=0)
    height, width = clip.shape[1:3]
    return -shares * np.array([width, height], np.float32)


def keep_one_vector(field: Float[np.ndarray, "h w 2"]) -> Float[np.ndarray, "h w 2"]:
    """One wind where the field moves (``data.winds.mean_of_fast``), fading out at the borders."""
    mask = winds.moving(field).astype(np.float32)
    soft = cv2.GaussianBlur(mask, (0, 0), SOFTNESS * max(mask.shape), borderType=cv2.BORDER_REFLECT)
    return soft[..., None] * winds.mean_of_fast(field)


def warp(
    photo: UInt8[np.ndarray, "h w 3"], field: Float[np.ndarray, "h w 2"], frames: int
) -> UInt8[np.ndarray, "t h w 3"]:
    """A photo moved along a static field: cubic sampling, mirrored at the picture's borders.

    Positions are traced backwards, ``p_t = p_{t-1} - v(p_{t-1})``, with v bilinear.
    """
    height, width = photo.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    clip = [photo]
    for _ in range(frames - 1):
        step = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        x, y = x - step[..., 0], y - step[..., 1]
        clip.append(cv2.remap(photo, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))
    return np.stack(clip)
