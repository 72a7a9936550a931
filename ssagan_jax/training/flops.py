"""How much arithmetic a function does, counted in its program before it is compiled.

XLA's own count (``compiled.cost_analysis()``) takes the body of a loop once, however often it
runs: blockwise attention and micro-batches would look cheaper than they are.
"""

from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr


def count(function: Callable, *arguments: Any) -> int:
    """Additions and multiplications of all matrix products and convolutions.

    Elementwise arithmetic is left out, as are products with zeros that a dilation puts in.
    Loops count as often as they run; of two branches, the larger one. It is the program as
    written: what XLA drops because nothing uses it is counted too.

    Args:
      arguments: arrays, or their shapes (``jax.ShapeDtypeStruct``).
    """
    return _of(jax.make_jaxpr(function)(*arguments).jaxpr)


def _of(program: Jaxpr) -> int:
    return sum(_of_equation(equation) for equation in program.eqns)


def _of_equation(equation: Any) -> int:
    name, params = equation.primitive.name, equation.params
    if name == "dot_general":
        (contracted, _), _ = params["dimension_numbers"]
        return (
            2 * _size(equation.outvars[0]) * prod(_shape(equation.invars[0])[i] for i in contracted)
        )
    if name == "conv_general_dilated":
        kernel, out_axis = _shape(equation.invars[1]), params["dimension_numbers"].rhs_spec[0]
        taps = prod(kernel) // kernel[out_axis]
        return 2 * _size(equation.outvars[0]) * taps // prod(params["lhs_dilation"])
    inner = [_of(program) for program in _programs(params.values())]
    if name == "cond":
        return max(inner)
    return sum(inner) * (params["length"] if name == "scan" else 1)


def _programs(values: Iterable[Any]) -> Iterator[Jaxpr]:
    """The programs within an equation's parameters."""
    for value in values:
        if isinstance(value, ClosedJaxpr):
            yield value.jaxpr
        elif isinstance(value, Jaxpr):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _programs(value)


def _shape(variable: Any) -> tuple[int, ...]:
    return variable.aval.shape


def _size(variable: Any) -> int:
    return prod(_shape(variable))
