"""Metrics that look through a pretrained network: asked for by name, since they need weights.

They are found by import as the others are (``ssagan_jax.metrics``), in three tables:

``FRAME_PAIRS``    name -> ``FramePair``: one value per frame.
``SET_DISTANCES``  name -> ``SetDistance``: one value for all clips together.
``EMBEDDINGS``     name -> ``Embedding``: what a ``SetDistance`` compares.
"""

from collections.abc import Sequence

import jax

from ssagan_jax.config.registry import tables
from ssagan_jax.metrics.pretrained import weight_files
from ssagan_jax.metrics.pretrained.scoring import PretrainedMetrics

_PACKAGE = "ssagan_jax.metrics.pretrained"


def list_metrics() -> tuple[str, ...]:
    """The names that may be asked for, in alphabetical order."""
    return tuple(sorted([*tables(_PACKAGE, "FRAME_PAIRS"), *tables(_PACKAGE, "SET_DISTANCES")]))


def load_metrics(names: Sequence[str], *, first_embedded: int = 0) -> PretrainedMetrics:
    """Loads the weights that the metrics of these names need onto the device.

    Args:
      names: of metrics.
      first_embedded: the first frame that distances of whole sets of clips see.

    Raises:
      ValueError: for an unknown name.
      ImportError: if the package with the weights is not installed.
    """
    known = list_metrics()
    for name in names:
        if name not in known:
            raise ValueError(f'Unknown metric "{name}". Available: {", ".join(known)}.')
    pairs, sets = (
        {name: table[name] for name in dict.fromkeys(names) if name in table}
        for table in (tables(_PACKAGE, "FRAME_PAIRS"), tables(_PACKAGE, "SET_DISTANCES"))
    )
    used = {distance.embedding for distance in sets.values()}
    embeddings = {k: v for k, v in tables(_PACKAGE, "EMBEDDINGS").items() if k in used}
    needed = {entry.weights for entry in (*pairs.values(), *embeddings.values())}
    weights = {name: jax.device_put(weight_files.load_weights(name)) for name in sorted(needed)}
    return PretrainedMetrics(pairs, embeddings, sets, weights, first_embedded)
