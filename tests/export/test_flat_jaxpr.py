import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.export.flat_jaxpr import flatten_calls


def test_a_traced_function_without_calls():
    @jax.custom_jvp
    def double(x):
        return 2 * x

    double.defjvps(lambda slope, result, x: 2 * slope)

    def function(x):
        grouped = jax.checkpoint(lambda x: jax.jit(jnp.sin)(double(x)))
        return [jax.lax.map(grouped, x) + grouped(x)]

    x = jnp.linspace(0.0, 1.0, 5)
    without = flatten_calls(function, jax.ShapeDtypeStruct(x.shape, x.dtype))
    assert "jit" not in (text := str(jax.make_jaxpr(without)(x)))
    assert "checkpoint" not in text and "custom_jvp" not in text and "scan" in text
    np.testing.assert_allclose(without(x)[0], 2 * np.sin(2 * x), rtol=1e-6)
