"""The state of training: one frozen tree."""

from functools import partial

import jax
import jax.numpy as jnp
from flax import linen as nn
from flax import struct

from ssagan_jax.models.layers.pooled_initialization import Draw, initialise_pooled
from ssagan_jax.models.variables import Tree, initialise, running, split_frozen
from ssagan_jax.training.gan import Gan


class NetState(struct.PyTreeNode):
    """One network: parameters, every other collection, optimizer state."""

    params: Tree
    stats: Tree
    opt_state: Tree

    @property
    def variables(self) -> dict[str, Tree]:
        """What ``module.apply`` takes."""
        return {"params": self.params, **self.stats}


class GanState(struct.PyTreeNode):
    """Both networks, the step (discriminator updates done), EMA (or None) and the run's key.

    Where the generator's parameters are averaged, so are its running statistics (``ema_stats``):
    those of the parameters as they stand belong to another function. Spectral norm's vectors are
    not: an average of unit vectors is none.
    """

    step: Tree
    generator: NetState
    discriminator: NetState
    ema_params: Tree
    rng: Tree
    ema_stats: Tree = None

    @property
    def inference(self) -> dict[str, Tree]:
        """The generator's variables to animate with: the averages where there are any."""
        if self.ema_params is None:
            return self.generator.variables
        return {"params": self.ema_params, **self.generator.stats, **self.ema_stats}


def create(gan: Gan, seed: jax.Array | int) -> GanState:
    """A fresh state. Call it under ``jax.jit``: then initialising runs no forward pass.

    Parameters are cut from one draw (``pooled_initialization``) of XLA's own generator ("rbg"),
    which compiles faster than the default one; training draws come from the default one.
    """
    g_rng, d_rng, rng = jax.random.split(jax.random.key(seed, impl="rbg"), 3)
    g, d = initialise_pooled(partial(_networks, gan, g_rng, d_rng), rng)
    averages = (g.params, running(g.stats)) if gan.ema_decay else (None, None)
    ema_params, ema_stats = jax.tree.map(jnp.copy, averages)
    rng = jax.random.key_data(jax.random.key(seed))
    return GanState(jnp.zeros((), jnp.int32), g, d, ema_params, rng, ema_stats)


def _networks(
    gan: Gan, g_rng: jax.Array, d_rng: jax.Array, draw: Draw
) -> tuple[NetState, NetState]:
    size, frames = gan.generator.size, gan.generator.frames
    g = _network(gan, gan.generator, g_rng, jnp.zeros((1, size, size, 3)), draw)
    d = _network(gan, gan.discriminator, d_rng, jnp.zeros((1, frames, size, size, 3)), draw)
    return g, d


def _network(
    gan: Gan, module: nn.Module, rng: jax.Array, example: jax.Array, draw: Draw
) -> NetState:
    params, stats = initialise(module, rng, example, draw=draw)
    return NetState(params, stats, gan.optimizer.init(split_frozen(module, params)[0]))
