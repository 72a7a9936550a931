"""What does not change during training: networks, losses, optimizers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import optax
from flax import linen as nn


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
