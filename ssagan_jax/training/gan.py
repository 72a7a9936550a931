"""What does not change during training: networks, losses, optimizers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import optax
from flax import linen as nn
from jax.sharding import AbstractMesh, Mesh

from ssagan_jax.losses.mask import NEEDS_MOVING
from ssagan_jax.models.layers.compute import with_compute
from ssagan_jax.models.variables import takes_mask, takes_wind
from ssagan_jax.ops.collectives import AxisNames


@dataclass(frozen=True)
class Gan:
    """What does not change during training: networks, losses, optimizers.

    Attributes:
      generator, discriminator: linen modules.
      generator_losses, discriminator_losses: loss name -> weight.
      optimizer: an optax transformation *without* learning rate, for each network.
      learning_rate: step (of the discriminator) -> learning rate of both.
      ema_decay: of the average of the generator's parameters; 0 keeps none.
      skip_non_finite: leaves out an update whose loss or gradients are not finite.
      extra_power_iterations: of spectral norm, that the discriminator's update leaves to later
        passes. In the authors' code its pass for the gradient penalty makes one, and in Stage II
        that for the ranking term another.
      together: both networks are updated out of one pass, instead of in turns.
      micro_batches: parts of a batch whose gradients are computed one after the other.
      mesh: of the devices that share each batch; None: one device has all of it.
    """

    generator: nn.Module
    discriminator: nn.Module
    generator_losses: Mapping[str, float]
    discriminator_losses: Mapping[str, float]
    optimizer: optax.GradientTransformation
    learning_rate: Callable[[jax.Array], jax.Array]
    ema_decay: float = 0.0
    skip_non_finite: bool = False
    extra_power_iterations: int = 0
    together: bool = False
    micro_batches: int = 1
    mesh: Mesh | AbstractMesh | None = None

    @property
    def axis_names(self) -> AxisNames:
        """Axes of the mesh over which the step takes means; () on one device."""
        return () if self.mesh is None or self.mesh.size == 1 else self.mesh.axis_names

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the updates that this training is made of: see ``step.STEPS``."""
        return ("together",) if self.together else ("discriminator", "generator")

    @property
    def takes_wind(self) -> bool:
        """Whether a network takes the wind of each clip, which batches then have."""
        return takes_wind(self.generator) or takes_wind(self.discriminator)

    @property
    def arrays(self) -> tuple[str, ...]:
        """What batches have of each clip: the clip, and what networks and losses know of it."""
        known = {
            "wind": self.takes_wind,
            "moving": NEEDS_MOVING in self.generator_losses,
            "mask": takes_mask(self.generator),
        }
        return ("clip", *(name for name, asked in known.items() if asked))

    def on_mesh(self, mesh: Mesh) -> "Gan":
        """The same training by the devices of a mesh."""
        gan = replace(self, mesh=mesh)
        platform = mesh.devices.flat[0].platform
        return gan.with_compute(axis_names=gan.axis_names, platform=platform)

    def with_compute(self, **changes: Any) -> "Gan":
        """Both networks with other values in their ``compute``: see ``models.layers.compute``."""
        return replace(
            self,
            generator=with_compute(self.generator, **changes),
            discriminator=with_compute(self.discriminator, **changes),
        )
