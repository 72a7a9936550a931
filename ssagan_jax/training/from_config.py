"""From a configuration to what does not change during training."""

from collections.abc import Collection, Mapping

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import traverse_util

from ssagan_jax import losses
from ssagan_jax.config.registry import nearest
from ssagan_jax.config.schema import Config, OptimizerConfig, ScheduleConfig
from ssagan_jax.models.from_config import discriminator, generator
from ssagan_jax.training.gan import Gan


def build_gan(config: Config) -> Gan:
    """Everything about training that stays the same.

    Raises:
      ValueError: for unknown models, fields, losses or optimizers, naming the known ones; or for
        a generator with a ``constrain``, which only a discriminator's update applies.
    """
    _check_losses("generator", config.generator_losses, losses.GENERATOR)
    _check_losses("discriminator", config.discriminator_losses, losses.DISCRIMINATOR)
    if config.discriminator.options.get("sigmoid"):
        _refuse_logit_losses({*config.generator_losses, *config.discriminator_losses})
    _refuse_constrain(generator(config.generator))
    _check_micro_batches(config.schedule)
    return Gan(
        generator=generator(config.generator),
        discriminator=discriminator(config.discriminator),
        generator_losses=dict(config.generator_losses),
        discriminator_losses=dict(config.discriminator_losses),
        optimizer=_optimizer(config.optimizer),
        learning_rate=learning_rate(config.optimizer),
        ema_decay=config.schedule.ema_decay,
        skip_non_finite=config.non_finite.policy == "skip",
        extra_power_iterations=config.schedule.extra_power_iterations,
        together=config.schedule.updates == "together",
        micro_batches=config.schedule.micro_batches,
    )


def _check_losses(role: str, weights: Mapping[str, float], known: Collection[str]) -> None:
    for name in weights:
        if name not in known:
            names = ", ".join(sorted(known))
            raise ValueError(f'Unknown {role} loss "{name}".{nearest(name, known)} Known: {names}.')


def _refuse_logit_losses(names: set[str]) -> None:
    """These take logits: a sigmoid's outputs would pass through a second one."""
    if wrong := sorted(names & {"vanilla", "vanilla_saturating", "hinge"}):
        raise ValueError(
            f"The losses {', '.join(wrong)} take logits: set config.discriminator.sigmoid=false, "
            "or use wasserstein."
        )


def _refuse_constrain(module: nn.Module) -> None:
    """The step applies it after the discriminator's updates only."""
    if hasattr(module, "constrain"):
        raise ValueError(
            f"The generator {type(module).__module__} has a constrain(), which no update of a "
            "generator calls: only a discriminator may have one."
        )


def _check_micro_batches(schedule: ScheduleConfig) -> None:
    count = schedule.micro_batches
    if count < 1 or schedule.batch_size % count:
        raise ValueError(
            f"config.micro_batches is {count}; expected a divisor of config.batch_size, "
            f"{schedule.batch_size}."
        )


def _optimizer(options: OptimizerConfig) -> optax.GradientTransformation:
    """Without the learning rate, which the step reads from the schedule."""
    known = {
        "adam": lambda: optax.scale_by_adam(b1=options.b1, b2=options.b2, eps=1e-8),
        # As in Chainer, where TGAN comes from: its decay is 0.99, and epsilon beside the root.
        "rmsprop": lambda: optax.scale_by_rms(decay=options.b2, eps=1e-8, eps_in_sqrt=False),
        "sgd": optax.identity,
    }
    if options.name not in known:
        raise ValueError(f'Unknown optimizer "{options.name}". Known: {", ".join(known)}.')
    chosen = known[options.name]()
    if options.gamma_rate == 1:
        return chosen
    return optax.chain(chosen, optax.masked(optax.scale(options.gamma_rate), _are_gammas))


def _are_gammas(parameters: Mapping) -> Mapping:
    """A tree like that of the parameters, true at the scalars that weigh attention."""
    return traverse_util.path_aware_map(lambda path, _: path[-1] == "gamma", parameters)


def learning_rate(options: OptimizerConfig) -> optax.Schedule:
    """Constant, times ``scale`` at each of ``boundaries``.

    ``optax.piecewise_constant_schedule`` multiplies once a boundary, which rounds otherwise from
    the second one on; and two equal boundaries count once there.
    """
    boundaries = np.asarray(options.boundaries, np.int32)  # of NumPy: compiles nothing

    def rate(step: jax.Array) -> jax.Array:
        passed = jnp.sum(step >= boundaries)
        return options.learning_rate * jnp.power(options.scale, passed)

    return rate
