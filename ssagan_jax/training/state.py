"""The state of training: one frozen tree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import optax
from flax import linen as nn

from ssagan_jax.models.layers import pooled_initialization

Tree = Any  # arrays in nested dicts; abstract ones (shapes, shardings) where nothing is computed


@dataclass(frozen=True)
class Gan:
    """What does not change during training: networks, losses, optimizers.

    Attributes:
      generator, discriminator: linen modules.
      generator_losses, discriminator_losses: loss name -> weight.
      optimizer: an optax transformation *without* learning rate, for each network.
      learning_rate: step (of the discriminator) -> learning rate of both.
      ema_decay: of the average of the generator's parameters; 0 keeps none.
      micro_batches: parts of a batch whose gradients are computed one after the other.
      spread: a function of (parameters, statistics, clips, key) to the same one, computed by
        several devices: see ``sharding.spread``.
    """

    generator: nn.Module
    discriminator: nn.Module
    generator_losses: Mapping[str, float]
    discriminator_losses: Mapping[str, float]
    optimizer: optax.GradientTransformation
    learning_rate: Callable[[jax.Array], jax.Array]
    ema_decay: float = 0.0
    micro_batches: int = 1
    spread: Callable[[Callable], Callable] = lambda function: function


@flax.struct.dataclass
class NetState:
    """One network: parameters, every other collection, optimizer state."""

    params: Tree
    stats: Tree
    opt_state: Tree

    @property
    def variables(self) -> dict[str, Tree]:
        """What ``module.apply`` takes."""
        return {"params": self.params, **self.stats}


@flax.struct.dataclass
class GanState:
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

    Parameters are cut from one draw (``layers/one_draw.py``) of XLA's own generator ("rbg"), which
    compiles faster than the default one; training draws come from the default one.
    """
    g_rng, d_rng, rng = jax.random.split(jax.random.key(seed, impl="rbg"), 3)
    g, d = pooled_initialization.in_one(partial(_networks, gan, g_rng, d_rng), rng)
    averages = (g.params, running(g.stats)) if gan.ema_decay else (None, None)
    ema_params, ema_stats = jax.tree.map(jnp.copy, averages)
    rng = jax.random.key_data(jax.random.key(seed))
    return GanState(jnp.zeros((), jnp.int32), g, d, ema_params, rng, ema_stats)


def running(stats: Tree) -> Tree:
    """The collections of ``stats`` that are averaged along with the parameters."""
    return {name: tree for name, tree in stats.items() if name == "batch_stats"}


def initialise(module: nn.Module, rng: jax.Array, example: jax.Array) -> tuple[Tree, Tree]:
    """Parameters and the other collections of a module, for an input like ``example``."""
    stats = dict(module.init({"params": rng, "noise": rng}, example, train=True))
    return stats.pop("params", {}), stats


def frozen(module: nn.Module) -> tuple[str, ...]:
    """Top-level parts of a module whose parameters training leaves alone (MD-GAN's ``stage1``).

    A module names them in a field or property ``frozen``.
    """
    return getattr(module, "frozen", ())


def part(module: nn.Module, params: Tree) -> tuple[Tree, Tree]:
    """A module's parameters in two: those that are trained, and those that are frozen."""
    names = frozen(module)
    trained = {name: tree for name, tree in params.items() if name not in names}
    return trained, {name: params[name] for name in names}


def _networks(gan, g_rng, d_rng):
    size, frames = gan.generator.size, gan.generator.frames
    g = _network(gan, gan.generator, g_rng, jnp.zeros((1, size, size, 3)))
    d = _network(gan, gan.discriminator, d_rng, jnp.zeros((1, frames, size, size, 3)))
    return g, d


def _network(gan, module, rng, example):
    params, stats = initialise(module, rng, example)
    return NetState(params, stats, gan.optimizer.init(part(module, params)[0]))
