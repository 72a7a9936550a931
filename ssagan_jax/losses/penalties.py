"""Penalties on the discriminator."""

import jax
import jax.numpy as jnp

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.ops.collectives import axis_size, local_rows
from ssagan_jax.types import Scalar

TINY = 1e-12  # keeps the norm differentiable at zero


def gradient_penalty(inputs: LossInputs) -> Scalar:
    """E (|grad_X D(X)| - 1)^2 on lines between real and fake (Gulrajani et al. 2017).

    As in the authors' code: one mixing weight per clip, the L2 norm over the whole clip, the
    discriminator in training mode. Its weight in the paper's code is 10. The activations are
    float32 whatever the discriminator's precision: bfloat16 is too coarse for second derivatives.
    """
    clips = axis_size(inputs.axis_names) * len(inputs.real)
    alpha = jax.random.uniform(inputs.rng, (clips, 1, 1, 1, 1))
    alpha = local_rows(alpha, inputs.axis_names)
    between = inputs.real + alpha * (inputs.fake.clip - inputs.real)
    assert inputs.judge_exactly is not None  # in the discriminator's update
    judge = inputs.judge_exactly
    gradient = jax.grad(lambda clip: jnp.sum(judge(clip).logits))(between)
    norm = jnp.sqrt(jnp.sum(jnp.square(gradient), axis=(1, 2, 3, 4)) + TINY)
    return jnp.mean(jnp.square(norm - 1.0))


DISCRIMINATOR = {"gradient_penalty": gradient_penalty}
