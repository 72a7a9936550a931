"""What a model is scored with beside the photo: winds (``evaluation.winds``) and masks.

A model that takes a mask of what may move is scored three times on each clip. ``prediction`` has
the mask that the sky finder makes of the photo alone, as anybody can; what truly moves, measured
in the true clip, is a hint about the answer, and its row says so.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.animation import masks
from ssagan_jax.evaluation import winds

# Row of a result -> what people are told it is.
MASKS = {
    "prediction": "mask of the sky finder (from the photo)",
    "mask_given": "mask given (from the true clip)",
    "mask_all": "mask of everything (control)",
}
# Of a model that takes both: of its rows by winds, too, the mask is the sky finder's.
BOTH = {
    "prediction": f"{MASKS['prediction']}, {winds.KINDS['prediction']}",
    "both_given": "wind and mask given (from the true clip)",
}


def takes_mask(animate: Any) -> bool:
    """Whether a function of photos is an ``Animator`` of a model that takes a mask."""
    return getattr(animate, "takes_mask", False)


def animate_all(
    animate: Any,
    photos: UInt8[np.ndarray, "b s s 3"],
    *,
    wind: Float[np.ndarray, "b 2"] | None,
    mask: Float[np.ndarray, "b s s"] | None,
) -> dict[str, np.ndarray]:
    """Photos as clips [b t s s 3]: ``prediction``, and a row for every hint that the model takes.

    Args:
      animate: an ``Animator``, or any function of photos.
      photos: of the model's size.
      wind, mask: of the true clips, where they have them.

    Raises:
      ValueError: if the clips come without what the model takes.
    """
    if not takes_mask(animate):
        return winds.animate_all_winds(animate, photos, wind)
    if mask is None:
        raise ValueError(
            "This model takes a mask of what may move, and the clips come without theirs. Open "
            "the data set with mask=True."
        )
    by_sky = with_found_sky(animate, photos)
    truly = animate.with_mask(mask)
    given = {"mask_given": truly(photos), "mask_all": animate(photos)}
    if winds.takes_wind(animate):
        given["both_given"] = truly(photos, wind=wind)
    return {**winds.animate_all_winds(by_sky, photos, wind), **given}


def with_found_sky(animate: Any, photos: UInt8[np.ndarray, "b s s 3"]) -> Any:
    """The same function of these photos, told the sky in them if it takes a mask."""
    if not takes_mask(animate):
        return animate
    return animate.with_mask(np.stack([find_sky(photo) for photo in photos]))


def find_sky(photo: UInt8[np.ndarray, "s s 3"]) -> Float[np.ndarray, "s s"]:
    """The sky of a photo, from 0 to 1 (``animation.masks``); all of one without a sky."""
    try:
        return masks.sky(photo).astype(np.float32) / 255
    except ValueError:
        return np.ones(photo.shape[:2], np.float32)


def list_hints(animate: Any) -> dict[str, list[str]]:
    """What a result's protocol says of them: the rows by winds, and those by masks."""
    found = {"winds": list(winds.KINDS)} if winds.takes_wind(animate) else {}
    return found | ({"masks": list(MASKS)} if takes_mask(animate) else {})


def label_rows(protocol: Mapping[str, Any]) -> dict[str, str]:
    """What people call the rows of a result that has hints; none for others.

    Args:
      protocol: of the result.
    """
    given = {"winds": winds.KINDS, "masks": MASKS}
    labels = [table for name, table in given.items() if name in protocol]
    both = [BOTH] if len(labels) == len(given) else []
    return {name: label for table in (*labels, *both) for name, label in table.items()}
