"""ONNX by jax2onnx: one file, weights within."""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp

from ssagan_jax.export.flat_jaxpr import flatten_calls
from ssagan_jax.export.function import Function

OPSET = 21
INNER = "one_"  # before names within the loop over a batch
INSTALL = "pip install 'ssagan_jax[onnx]' && pip install --no-deps jax2onnx==0.17.1"
LOADING = (
    "# pip install onnxruntime",
    "import onnxruntime",
    'session = onnxruntime.InferenceSession("{name}")',
    '{results} = session.run({names}, {"photo": photo})',
)


def check_packages() -> None:
    """Raises ImportError if a package is missing, or this Python has none."""
    if sys.version_info < (3, 12):
        found = ".".join(map(str, sys.version_info[:2]))
        raise ImportError(
            f"ONNX files are written by jax2onnx, which needs Python 3.12 or later, not {found}. "
            "Export from there; the file itself runs anywhere."
        )
    try:
        import jax2onnx  # noqa: F401
    except ImportError as error:
        raise ImportError(f"ONNX files are written by jax2onnx: {INSTALL}") from error


def write_program(function: Function, path: Path, *, batch: int | None) -> None:
    """Writes one file; arguments as ``export``, ``batch`` None for any number of photos.

    Raises:
      ValueError: the model has an operation that ONNX or jax2onnx has not.
    """
    import onnx

    photo = jax.ShapeDtypeStruct((function.size, function.size, 3), jnp.float32)
    shapes = function.shapes()
    one = flatten_calls(lambda photo: _listed(function, photo), photo)
    _check_convolutions(function.name, jax.make_jaxpr(one)(photo))
    if batch == 1:
        model = _convert(
            lambda photos: [found[None] for found in one(photos[0])],
            (1, *photo.shape),
            "photo",
            [*shapes],
        )
    else:
        names = [INNER + name for name in shapes]
        model = _convert(one, photo.shape, f"{INNER}photo", names)
        model = _for_each(model, photo.shape, shapes, batch)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _listed(function, photo):
    found = function.one(function.variables, photo)
    return [found[name] for name in function.names]


def _check_convolutions(name, traced):
    for equation in traced.jaxpr.eqns:
        if equation.primitive.name == "conv_general_dilated":
            kernel = equation.invars[1].aval.shape
            if len(kernel) == 5:
                raise ValueError(
                    f'The generator "{name}" has a 3-D convolution without a 2-D form (kernel '
                    f"{kernel}), which jax2onnx does not convert. Use --format=stablehlo or "
                    "savedmodel."
                )


def _convert(function, shape, input_name, output_names):
    from jax2onnx import to_onnx

    model = to_onnx(
        function,
        inputs=[shape],
        model_name="ssagan",
        opset=OPSET,
        input_names=[input_name],
        output_names=output_names,
    )
    _forget_dimension_names(model.graph)
    return model


def _forget_dimension_names(graph):
    """jax2onnx gives equal names to dimensions of different lengths, in different loops."""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _forget_dimension_names(attribute.g)
    del graph.value_info[:]
    for value in (*graph.input, *graph.output):
        for dimension in value.type.tensor_type.shape.dim:
            dimension.ClearField("dim_param")


def _for_each(model, photo, shapes, batch):
    """The model of one photo [S, S, 3] as one of a batch, photo after photo."""
    from onnx import TensorProto, helper

    size = batch or "b"
    node = helper.make_node("Scan", ["photo"], [*shapes], num_scan_inputs=1, body=model.graph)
    photos = helper.make_tensor_value_info("photo", TensorProto.FLOAT, (size, *photo))
    found = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (size, *shape))
        for name, shape in shapes.items()
    ]
    return helper.make_model(
        helper.make_graph([node], "ssagan", [photos], found),
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
        functions=model.functions,
    )
