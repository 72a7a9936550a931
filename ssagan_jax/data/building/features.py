"""The features of a built data set's records, and the check that a folder has no others.

tfds imports whatever module a folder's ``features.json`` names. A data set may come from anybody.
"""

import json
from typing import Any

import numpy as np

from ssagan_jax.io.paths import AnyPath

FILE = "features.json"
_MODULE = "tensorflow_datasets.core.features."
_CLASSES = {
    "shot": "text_feature.Text",
    "video": "text_feature.Text",
    "part": "scalar.Scalar",
    "tiles": "scalar.Scalar",
    "jpegs": "tensor_feature.Tensor",
    "offsets": "tensor_feature.Tensor",
}


def record_features() -> Any:
    """What a record holds, as tfds writes and reads it."""
    import tensorflow_datasets as tfds

    return tfds.features.FeaturesDict(
        {
            "shot": tfds.features.Text(),
            "video": tfds.features.Text(),
            "part": tfds.features.Scalar(np.int64),
            "tiles": tfds.features.Scalar(np.int64),  # frames in a strip; 1: each JPEG is a frame
            # As one byte string: the default is 300 times slower, and larger.
            "jpegs": tfds.features.Tensor(shape=(None,), dtype=np.uint8, encoding="bytes"),
            "offsets": tfds.features.Tensor(shape=(None,), dtype=np.int64),
        }
    )


def check_features(folder: AnyPath) -> None:
    """Refuses a data set with other features than ``record_features``, before tfds reads it.

    Raises:
      ValueError: naming the file.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read ({error}). Build the data set again.") from error
    if not _ours(content):
        raise ValueError(
            f"{path} names other features than ssagan data build writes, and tfds would import any "
            "module that it names. Nothing of it was loaded: build the data set again."
        )


def _ours(content: Any) -> bool:
    """Whether each name and each class is one of ``_CLASSES``, and there is no other key."""
    try:
        features = content["featuresDict"]["features"]
        found = {name: feature["pythonClassName"] for name, feature in features.items()}
        keys = {key for feature in features.values() for key in feature}
        return (
            set(content) == {"featuresDict", "pythonClassName"}
            and content["pythonClassName"] == f"{_MODULE}features_dict.FeaturesDict"
            and set(content["featuresDict"]) == {"features"}
            and found == {name: _MODULE + kind for name, kind in _CLASSES.items()}
            and keys <= {"pythonClassName", "tensor", "text"}
        )
    except (TypeError, KeyError, AttributeError):  # it is of another form
        return False
