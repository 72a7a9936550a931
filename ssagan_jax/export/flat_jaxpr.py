"""A traced function without calls in it: what is left are array operations and loops.

jax2onnx (0.17) replaces parts of jax and flax while it traces, and stumbles over nested calls with
jax 0.12. It converts plain operations without fault, so it is given those alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend import core

# Calls that only group operations (for a gradient of their own, for instance), by name, and
# where each keeps its operations.
_CALLS = {
    "jit": "jaxpr",
    "remat2": "jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
}


def flatten_calls(
    function: Callable[..., list[jax.Array]], *shapes: jax.ShapeDtypeStruct
) -> Callable[..., list[jax.Array]]:
    """``function`` of arrays of those shapes to a list, as operations and loops alone."""
    closed = jax.make_jaxpr(function)(*shapes)
    return lambda *arrays: _run(closed, arrays)


def _run(closed: core.ClosedJaxpr, arrays: Sequence) -> list:
    jaxpr = closed.jaxpr
    known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*closed.consts, *arrays], strict=True))

    def read(variable):
        return variable.val if isinstance(variable, core.Literal) else known[variable]

    for equation in jaxpr.eqns:
        results = _operation(equation, [read(variable) for variable in equation.invars])
        known.update(zip(equation.outvars, results, strict=True))
    return [read(variable) for variable in jaxpr.outvars]


def _operation(equation, arrays):
    name, params = equation.primitive.name, equation.params
    if name in _CALLS:
        return _run(_closed(params[_CALLS[name]]), arrays)
    if name == "scan":
        params = {**params, "jaxpr": _flattened(params["jaxpr"])}
    results = equation.primitive.bind(*arrays, **params)
    return results if equation.primitive.multiple_results else [results]


def _closed(jaxpr: Any) -> core.ClosedJaxpr:
    return jaxpr if isinstance(jaxpr, core.ClosedJaxpr) else core.ClosedJaxpr(jaxpr, ())


def _flattened(body: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """The body of a loop without calls."""
    shapes = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in body.jaxpr.invars]
    return jax.make_jaxpr(lambda *arrays: _run(body, arrays))(*shapes)
