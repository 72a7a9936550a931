"""Losses on a generator's mask."""

import jax.numpy as jnp

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.types import Scalar


def mask_sparsity(inputs: LossInputs) -> Scalar:
    """E |mask|: keeps the foreground small (Vondrick et al. 2016, section 3.1).

    Weighs 0.1 in the unconditional VGAN; the conditional one has none.

    Raises:
      ValueError: when the generator makes no mask.
    """
    if "mask" not in inputs.fake.extras:
        found = ", ".join(sorted(inputs.fake.extras)) or "nothing"
        raise ValueError(
            "The loss mask_sparsity needs a generator with a mask in its extras (vgan); this one "
            f"has {found} there. Take the loss out of generator_losses."
        )
    return jnp.mean(jnp.abs(inputs.fake.extras["mask"]))


GENERATOR = {"mask_sparsity": mask_sparsity}
