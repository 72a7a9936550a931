"""The winds that a model is scored with: which they are, and what the rows of results call them.

A photo does not tell the wind, so a model that takes one is scored several times on each clip. Only
``prediction``, by the model's own likely wind, uses nothing but the photo, as the protocol of the
paper wants it; the true clip's wind is a hint about the answer, and its rows say so.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

# Row of a result -> what people are told it is.
KINDS = {
    "prediction": "likely wind (prior's mode)",
    "wind_given": "wind given (from the true clip)",
    "wind_reversed": "wind reversed (control)",
    "wind_none": "no wind (control)",
}


def takes_wind(animate: Any) -> bool:
    """Whether a function of photos is an ``Animator`` of a model that takes a wind."""
    return getattr(animate, "takes_wind", False)


def animate_all_winds(
    animate: Callable[..., np.ndarray],
    photos: UInt8[np.ndarray, "b s s 3"],
    wind: Float[np.ndarray, "b 2"] | None,
) -> dict[str, np.ndarray]:
    """Photos as clips [b t s s 3]: ``prediction``, and for a model that takes a wind every kind.

    Args:
      animate: an ``Animator``, or any function of photos.
      photos: of the model's size.
      wind: of the true clips, where they have one.

    Raises:
      ValueError: if the model takes a wind and the clips come without.
    """
    if not takes_wind(animate):
        return {"prediction": animate(photos)}
    if wind is None:
        raise ValueError(
            "This model takes a wind, and the clips come without theirs. Open the data set with "
            "wind=True."
        )
    hints = {"wind_given": wind, "wind_reversed": -wind, "wind_none": np.zeros_like(wind)}
    given = {name: animate(photos, wind=hint) for name, hint in hints.items()}
    return {"prediction": animate(photos), **given}
