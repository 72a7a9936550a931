"""What an ONNX file needs to be right on WebGPU.

onnxruntime-web 1.30 computes convolutions wrongly there whose input has more than three channels
and no multiple of four, if the output has a multiple of four
(https://github.com/microsoft/onnxruntime/issues/29651). Channels of zeros change no result.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

MULTIPLE = 4


def adapt_model(path: Path) -> None:
    """Rewrites an ONNX file so that all convolutions have such channels."""
    import onnx

    model = onnx.load(path)
    shapes = _shapes(onnx.shape_inference.infer_shapes(model).graph)
    nodes = [made for node in model.graph.node for made in _adapted(node, shapes, model.graph)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _shapes(graph: Any) -> Mapping[str, list[int]]:
    known = {array.name: list(array.dims) for array in graph.initializer}
    for value in (*graph.input, *graph.value_info):
        known[value.name] = [size.dim_value for size in value.type.tensor_type.shape.dim]
    return known


def _adapted(node: Any, shapes: Any, graph: Any) -> Iterator:
    """A node, after those that it needs."""
    from onnx import helper, numpy_helper

    if node.op_type == "Conv" and (lacking := -shapes[node.input[1]][1] % MULTIPLE):
        pads = f"{node.output[0]}_pads"
        more = np.array([0, 0, 0, 0, 0, lacking, 0, 0], np.int64)  # of both: [.., channels, h, w]
        graph.initializer.append(numpy_helper.from_array(more, pads))
        for place in (0, 1):
            wider = f"{node.output[0]}_wider_{place}"
            yield helper.make_node("Pad", [node.input[place], pads], [wider])
            node.input[place] = wider
    yield node
