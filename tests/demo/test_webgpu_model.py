"""Convolutions of a multiple of four channels give what they gave."""

import numpy as np
import pytest

from ssagan_jax.demo import webgpu_model

onnx = pytest.importorskip("onnx", reason="onnx is not installed: docs/export.md")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def saved(path, channels):
    """A file of one convolution; its kernel is computed, as a spectral norm's is."""
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(0)
    kernel = draw.normal(size=(8, channels, 3, 3)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Mul", ["kernel", "kernel"], ["squared"]),
            helper.make_node("Conv", ["x", "squared"], ["y"], pads=[1, 1, 1, 1]),
        ],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, channels, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 8, 8, 8])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    model.ir_version = 10
    onnx.save(model, path)
    return draw.normal(size=(2, channels, 8, 8)).astype(np.float32)


@pytest.mark.parametrize(("channels", "pads"), [(9, 2), (6, 2), (3, 2), (8, 0)])
def test_the_same_with_more_channels(tmp_path, channels, pads):
    path = tmp_path / "one.onnx"
    x = saved(path, channels)
    before = onnxruntime.InferenceSession(path).run(None, {"x": x})[0]
    webgpu_model.adapt_model(path)
    after = onnxruntime.InferenceSession(path).run(None, {"x": x})[0]
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-5)
    graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
    assert sum(node.op_type == "Pad" for node in graph.node) == pads
    [convolution] = [node for node in graph.node if node.op_type == "Conv"]
    shapes = webgpu_model._shapes(graph)
    assert [shapes[name][1] % 4 for name in convolution.input] == [0, 0]
