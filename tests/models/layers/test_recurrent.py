"""The recurrent cell against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.models.layers.recurrent import ConvLSTM
from tests.helpers import reference
from tests.helpers.stubs import quick_jit

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(2, 4, 5, 3)).astype(np.float32)
HIDDEN, CELL = (DRAW.normal(size=(2, 4, 5, 2)).astype(np.float32) for _ in range(2))
PARAMS = {
    "kernel": DRAW.normal(size=(9 * 5, 8)).astype(np.float32),
    "bias": DRAW.normal(size=8).astype(np.float32),
}


def run(params, memory, x):
    variables = {"params": {"gates": params}}
    return quick_jit(ConvLSTM(2).apply)(variables, jax.tree.map(jnp.asarray, memory), x)


def test_one_step_is_that_of_numpy():
    (hidden, cell), output = run(PARAMS, (HIDDEN, CELL), jnp.asarray(X))
    seen = np.concatenate([X, HIDDEN], -1)[:, None]
    kernel = PARAMS["kernel"].reshape(1, 3, 3, 5, 8)  # rows, columns, channels in, gates
    gates = reference.conv3d(seen, kernel, strides=(1, 1, 1), padding=(0, 1, 1))[:, 0]
    gates = gates + PARAMS["bias"]
    write, forget, read = (reference.sigmoid(gates[..., i : i + 2] + g) for i, g in OPENED)
    kept = forget * CELL + write * np.tanh(gates[..., 6:])
    np.testing.assert_allclose(cell, kept, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(hidden, read * np.tanh(kept), rtol=1e-4, atol=1e-5)
    assert np.array_equal(output, hidden)


OPENED = ((0, 0), (2, 1), (4, 0))  # first channel of a gate, what is added to it


def test_what_it_starts_from():
    init = quick_jit(ConvLSTM(8).init)
    start = init(
        jax.random.key(0, impl="rbg"), (jnp.zeros((1, 4, 4, 8)),) * 2, jnp.zeros((1, 4, 4, 8))
    )
    assert start["params"]["gates"]["kernel"].shape == (9 * 16, 32)
    assert abs(start["params"]["gates"]["kernel"].std() - 0.02) < 0.001
    assert not np.any(start["params"]["gates"]["bias"])
