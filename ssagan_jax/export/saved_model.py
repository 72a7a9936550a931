"""TensorFlow's SavedModel by ``jax2tf``: the same StableHLO in a TensorFlow graph."""

from functools import partial
from pathlib import Path

from ssagan_jax.export.function import Function
from ssagan_jax.export.stable_hlo import PLATFORMS, without_sources

LOADING = (
    "# pip install tensorflow",
    "import tensorflow as tf",
    'model = tf.saved_model.load("{name}")',
    "{results} = map(model.animate(photo).get, {names})",
    "# or, by the signature: model.signatures['serving_default'](photo=photo)['clip']",
)


def check_packages() -> None:
    """Raises ImportError if a package is missing."""
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "SavedModels are written by TensorFlow: pip install 'ssagan_jax[tensorflow]'"
        ) from error


def write_program(function: Function, path: Path, *, batch: int | None) -> None:
    """Writes a folder; arguments as ``export``, ``batch`` None for any number of photos."""
    import tensorflow as tf
    from jax.experimental import jax2tf

    convert = partial(jax2tf.convert, with_gradient=False, native_serialization_platforms=PLATFORMS)
    one, many = convert(function.one), convert(function.many)
    shapes = function.shapes()
    found = {name: tf.TensorSpec(shape, tf.float32) for name, shape in shapes.items()}
    model = tf.Module()
    model.weights = tf.nest.map_structure(tf.Variable, _dictionaries(function.variables))

    def animate(photo):
        if batch is None:
            # Photo by photo. One program for any number would contain an operation of newer
            # versions of StableHLO than TensorFlow 2.21 reads (jax 0.12).
            return tf.map_fn(partial(one, model.weights), photo, fn_output_signature=found)
        return many(model.weights, photo)

    photos = tf.TensorSpec((batch, function.size, function.size, 3), tf.float32, name="photo")
    model.animate = tf.function(animate, autograph=False, input_signature=[photos])
    signature = tf.function(lambda photo: model.animate(photo), input_signature=[photos])
    with without_sources():
        tf.saved_model.save(model, str(path), signatures=signature)


def _dictionaries(tree):
    """Plain ones, which TensorFlow tracks."""
    if hasattr(tree, "items"):
        return {name: _dictionaries(branch) for name, branch in tree.items()}
    return tree
