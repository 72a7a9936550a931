"""What every loss is given, and how weighted losses add up."""

from collections.abc import Callable, Mapping

import flax.struct
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ssagan_jax.ops.collectives import AxisNames
from ssagan_jax.types import Clip, Generated, Judged, Scalar, Wind


@flax.struct.dataclass
class LossInputs:
    """One player's view of a batch.

    Attributes:
      real: the true clips.
      fake: what the generator made of their first frames.
      on_real: the discriminator on ``real`` (None in the generator's update: no loss of the
        paper needs it there, and it costs a pass).
      on_fake: the discriminator on ``fake.clip``.
      rng: a key for losses that draw (the gradient penalty's interpolation).
      judge: clip -> Judged, the discriminator as it stands, for losses that judge other clips.
      judge_exactly: the same with float32 activations (discriminator's update only).
      axis_names: axes of the mesh whose devices share the batch: see ``ops.collectives``.
      wind: of the true clips, where a network takes it.
      moving: the share of each pixel that the wind moves in them (NaN: not known), where a loss of
        the generator asks for it.
    """

    real: Clip
    fake: Generated
    on_real: Judged | None
    on_fake: Judged
    rng: jax.Array
    judge: Callable[[Clip], Judged] = flax.struct.field(pytree_node=False)
    judge_exactly: Callable[[Clip], Judged] | None = flax.struct.field(
        pytree_node=False, default=None
    )
    axis_names: AxisNames = flax.struct.field(pytree_node=False, default=())
    wind: Wind | None = None
    moving: Float[Array, "b h w"] | None = None

    @property
    def real_logits(self) -> Float[Array, "b *patch"]:
        """Scores of the true clips, which only the discriminator's update has."""
        assert self.on_real is not None
        return self.on_real.logits


Loss = Callable[[LossInputs], Scalar]


def weighted_sum(
    table: Mapping[str, Loss], weights: Mapping[str, float], inputs: LossInputs
) -> tuple[Scalar, dict[str, Scalar]]:
    """The weighted sum of the losses named in ``weights``, and each one unweighted.

    Raises:
      ValueError: for a name that is not in ``table``.
    """
    for name in weights:
        if name not in table:
            raise ValueError(f'Unknown loss "{name}". Known: {", ".join(sorted(table))}.')
    terms = {name: table[name](inputs) for name in weights}
    total = sum((weights[name] * term for name, term in terms.items()), jnp.zeros(()))
    return total, terms
