"""TensorFlow's SavedModel by ``jax2tf``: the same StableHLO in a TensorFlow graph."""

from pathlib import Path

from ssagan_jax.export.function import Function
from ssagan_jax.export.stable_hlo import PLATFORMS, without_sources

LOADING = (
    "# pip install tensorflow",
    "import tensorflow as tf",
    'model = tf.saved_model.load("{name}")',
    "clip = model.animate(photo)",
    "# or, by the signature: model.signatures['serving_default'](photo=photo)['clip']",
)


def check():
    """Raises ImportError if a package is missing."""
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "SavedModels are written by TensorFlow: pip install 'ssagan_jax[tensorflow]'"
        ) from error


def write(function: Function, path: Path, *, batch: int | None):
    """Writes a folder; arguments as ``export``, ``batch`` None for any number of photos."""
    import tensorflow as tf
    from jax.experimental import jax2tf

    convert = jax2tf.convert(
        function.many,
        polymorphic_shapes=[None, "(b, ...)"] if batch is None else None,
        with_gradient=False,
        native_serialization_platforms=PLATFORMS,
    )
    model = tf.Module()
    model.weights = tf.nest.map_structure(tf.Variable, _dictionaries(function.variables))
    shape = (batch, function.size, function.size, 3)
    model.animate = tf.function(
        lambda photo: convert(model.weights, photo),
        autograph=False,
        input_signature=[tf.TensorSpec(shape, tf.float32, name="photo")],
    )
    signature = tf.function(
        lambda photo: {"clip": model.animate(photo)}, input_signature=model.animate.input_signature
    )
    with without_sources():
        tf.saved_model.save(model, str(path), signatures=signature)


def _dictionaries(tree):
    """Plain ones, which TensorFlow tracks."""
    if hasattr(tree, "items"):
        return {name: _dictionaries(branch) for name, branch in tree.items()}
    return tree
