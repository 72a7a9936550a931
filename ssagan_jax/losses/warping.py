"""Losses on how a generator moves a photo's pixels, and on which winds it finds likely."""

import jax.numpy as jnp
from jaxtyping import Array

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.ops import mixture
from ssagan_jax.types import Scalar

PERCENT = 100.0  # velocities are shares of the picture: in these units they are of the order of 1


def velocity_variation(inputs: LossInputs) -> Scalar:
    """Total variation of the velocity, in hundredths of the picture's side per frame.

    The sum of its mean absolute differences between pixels beside and below each other, times the
    pixels of a side: the same for a field at any resolution.

    Raises:
      ValueError: when the generator has no velocity.
    """
    velocity = PERCENT * _extra(inputs, "velocity", "velocity_variation")
    _, height, width, _ = velocity.shape
    down, right = (jnp.abs(jnp.diff(velocity, axis=axis)) for axis in (1, 2))
    return height * jnp.mean(down) + width * jnp.mean(right)


def change(inputs: LossInputs) -> Scalar:
    """Mean absolute change of brightness beside the motion.

    Raises:
      ValueError: when the generator does not warp.
    """
    return jnp.mean(jnp.abs(_extra(inputs, "change", "change")))


def wind_likelihood(inputs: LossInputs) -> Scalar:
    """-E log p(wind | photo), of winds in hundredths of the picture's side per frame.

    It trains the prior alone (``models.layers.wind``).

    Raises:
      ValueError: when the generator takes no wind.
    """
    prior = _extra(inputs, "prior", "wind_likelihood")
    assert inputs.wind is not None  # given to a generator that has a prior
    density = mixture.log_likelihood(prior, inputs.wind)
    return 2 * jnp.log(PERCENT) - jnp.mean(density)


def _extra(inputs: LossInputs, name: str, loss: str) -> Array:
    if name not in inputs.fake.extras:
        found = ", ".join(sorted(inputs.fake.extras)) or "nothing"
        raise ValueError(
            f'The loss {loss} needs a generator with "{name}" in its extras '
            '(config.generator.output="warp", or wind="given" for the likelihood); this one has '
            f"{found} there. Take the loss out of generator_losses."
        )
    return inputs.fake.extras[name]


GENERATOR = {
    "velocity_variation": velocity_variation,
    "change": change,
    "wind_likelihood": wind_likelihood,
}
