"""The recurrent cell of RNN-GAN."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.initializers import normal

Grid = Float[Array, "b h w c"]
Memory = tuple[Grid, Grid]  # hidden, cell


class ConvLSTM(nn.Module):
    """A convolutional LSTM cell (Shi et al. 2015, without peepholes), kernel 3 x 3.

    All four gates are one convolution of input and hidden state together, written as a product
    with the nine shifted grids side by side: on a CPU its gradient is twice as fast so. The
    forget gate starts open (+1, Jozefowicz et al. 2015).

    Attributes:
      features: channels of the hidden state and the cell.
    """

    features: int
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, memory: Memory, x: Float[Array, "b h w c_in"]) -> tuple[Memory, Grid]:
        """One step: (hidden, cell), input -> the next (hidden, cell), the new hidden state."""
        hidden, cell = memory
        seen = _neighbours(jnp.concatenate([x, hidden], axis=-1))
        kernel_init = normal(0.02, self.compute.draw)
        gates = nn.Dense(4 * self.features, kernel_init=kernel_init, name="gates")(seen)
        write, forget, read, candidate = jnp.split(gates, 4, axis=-1)
        cell = jax.nn.sigmoid(forget + 1.0) * cell + jax.nn.sigmoid(write) * jnp.tanh(candidate)
        hidden = jax.nn.sigmoid(read) * jnp.tanh(cell)
        return (hidden, cell), hidden


def _neighbours(x: Grid) -> Float[Array, "b h w c9"]:
    """The 3 x 3 patch around every position as its channels, row by row; zeros outside."""
    height, width = x.shape[1:3]
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifts = [x[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    return jnp.concatenate(shifts, axis=-1)
