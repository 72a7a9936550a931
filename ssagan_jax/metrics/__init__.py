"""Scores of a predicted clip against the real one: pure functions, found by import.

A file of this package holds functions and any of these tables; the names in them
are the names in the results, and no list elsewhere has to be edited:

- ``FRAME``  ``(prediction, reference, *, convention) -> [b t]``: one value per frame.
- ``CLIP``   ``(prediction, reference, *, convention) -> [b]``: one value per clip.
- ``RATIO``  ``clip -> [b]``: reported as mean over predictions / mean over references.
- ``MEAN``  ``clip -> [b]``: reported as mean over predictions.
- ``BETTER``  for each of FRAME and CLIP, whether ``lower`` or ``higher`` values are better.
- ``SETTINGS``  what else a reader needs to know (thresholds, window sizes): copied
  into the protocol of every result.

Pretrained metrics, which need a network's weights, are only computed if they are asked for by
name; their tables are in ``metrics.pretrained``.

Clips are floats in [-1, 1], ``[b t h w 3]``; ``convention`` is a
``metrics.conventions.Convention``, which says in what range they are scored.
"""

from typing import Any

from ssagan_jax.config import registry


def collect_table(table: str) -> dict[str, Any]:
    """Returns the entries of the tables called ``table`` in all files of this package."""
    return registry.tables(__name__, table)
