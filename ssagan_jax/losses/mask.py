"""Losses on a generator's mask: of VGAN what is foreground, of a warp what moves."""

import jax.numpy as jnp
from jaxtyping import Array

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.types import Scalar

NEEDS_MOVING = "mask_cross_entropy"  # the loss for which batches say what moves
_LEAST = 1e-6  # of a probability whose logarithm is taken


def mask_sparsity(inputs: LossInputs) -> Scalar:
    """E |mask|: keeps the foreground small (Vondrick et al. 2016, section 3.1).

    Weighs 0.1 in the unconditional VGAN; the conditional one has none.

    Raises:
      ValueError: when the generator makes no mask.
    """
    return jnp.mean(jnp.abs(_mask(inputs, "mask_sparsity", "vgan")))


def mask_cross_entropy(inputs: LossInputs) -> Scalar:
    """Mean binary cross-entropy between the mask and the share of each pixel that the wind moves.

    Footage does not tell that share; painted clips do (``synthetic_wind``). Pixels of which it is
    not known, such as those of water, are left out.

    Raises:
      ValueError: when the generator makes no mask, or the data set does not know what moves.
    """
    mask = _mask(inputs, NEEDS_MOVING, 'config.generator.output="warp"')
    if mask.ndim != 4:
        raise ValueError(
            f"The loss {NEEDS_MOVING} needs a generator with one mask for the whole clip "
            '(config.generator.output="warp"); this one has a mask for each frame. Take the loss '
            "out of generator_losses."
        )
    mask = mask[..., 0]
    assert inputs.moving is not None  # batches have it where this loss is asked for
    moves, rests = (jnp.log(jnp.maximum(p, _LEAST)) for p in (mask, 1 - mask))
    known = ~jnp.isnan(inputs.moving)
    share = jnp.where(known, inputs.moving, 0.0)
    return -jnp.mean(known * (share * moves + (1 - share) * rests))


def _mask(inputs: LossInputs, loss: str, has_one: str) -> Array:
    if "mask" not in inputs.fake.extras:
        found = ", ".join(sorted(inputs.fake.extras)) or "nothing"
        raise ValueError(
            f"The loss {loss} needs a generator with a mask in its extras ({has_one}); this one "
            f"has {found} there. Take the loss out of generator_losses."
        )
    return inputs.fake.extras["mask"]


GENERATOR = {"mask_sparsity": mask_sparsity, NEEDS_MOVING: mask_cross_entropy}
