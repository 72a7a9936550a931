"""From a config to modules and optimizers: what train, evaluate and generate share."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

from ssagan_jax import losses, models
from ssagan_jax.config.registry import nearest
from ssagan_jax.training.state import Gan

# How networks compute, and the default that every one of them has.
COMPUTE = {"precision": "float32", "remat": "none"}


def generator(config: Mapping) -> nn.Module:
    """The config's generator, for its clip size."""
    return _network(config, "generator")


def discriminator(config: Mapping) -> nn.Module:
    """The config's discriminator, for its clip size."""
    return _network(config, "discriminator")


def gan(config: Mapping) -> Gan:
    """Everything about training that stays the same.

    Raises:
      ValueError: for unknown models, fields, losses or optimizers, naming the known ones; or for
        a generator with a ``constrain``, which only a discriminator's update applies.
    """
    _check_losses("generator", config["generator_losses"], losses.GENERATOR)
    _check_losses("discriminator", config["discriminator_losses"], losses.DISCRIMINATOR)
    _check_sigmoid(config)
    _check_constrain(generator(config))
    _check_micro_batches(config)
    return Gan(
        generator=generator(config),
        discriminator=discriminator(config),
        generator_losses=dict(config["generator_losses"]),
        discriminator_losses=dict(config["discriminator_losses"]),
        optimizer=_optimizer(config["optimizer"]),
        learning_rate=_learning_rate(config["optimizer"]),
        ema_decay=config["ema_decay"],
        micro_batches=config.get("micro_batches", 1),
    )


def _network(config, role) -> nn.Module:
    """Computing as the config says; stored ones of earlier versions do not say."""
    module = getattr(models, role)(**_fields(config, role))
    asked = {k: config.get(k, default) for k, default in COMPUTE.items()}
    asked = {k: value for k, value in asked.items() if value != COMPUTE[k]}
    for option, value in asked.items():
        if not hasattr(module, option):
            raise ValueError(
                f'config.{option}="{value}": the {role} "{config[role]["name"]}" has no such '
                f'option. Set config.{option}="{COMPUTE[option]}".'
            )
    return module.clone(**asked)


def _fields(config, role):
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in config[role].items()}
    return {**fields, "size": config["dataset"]["size"], "frames": config["dataset"]["frames"]}


def _check_losses(role, weights, table):
    for name in weights:
        if name not in table:
            known = ", ".join(sorted(table))
            hint = nearest(name, table)
            raise ValueError(f'Unknown {role} loss "{name}".{hint} Known: {known}.')


def _check_sigmoid(config):
    """These losses take logits: a sigmoid's outputs would pass through a second one."""
    names = {*config["generator_losses"], *config["discriminator_losses"]}
    wrong = sorted(names & {"vanilla", "vanilla_saturating", "hinge"})
    if config["discriminator"].get("sigmoid") and wrong:
        raise ValueError(
            f"The losses {', '.join(wrong)} take logits: set config.discriminator.sigmoid=false, "
            "or use wasserstein."
        )


def _check_constrain(module):
    """The step applies it after the discriminator's updates only."""
    if hasattr(module, "constrain"):
        raise ValueError(
            f"The generator {type(module).__module__} has a constrain(), which no update of a "
            "generator calls: only a discriminator may have one."
        )


def _check_micro_batches(config):
    count = config.get("micro_batches", 1)
    if count < 1 or config["batch_size"] % count:
        raise ValueError(
            f"config.micro_batches is {count}; expected a divisor of config.batch_size, "
            f"{config['batch_size']}."
        )


def _optimizer(options) -> optax.GradientTransformation:
    """Without the learning rate, which the step reads from the schedule."""
    known = {
        "adam": lambda: optax.scale_by_adam(b1=options["b1"], b2=options["b2"], eps=1e-8),
        # As in Chainer, where TGAN comes from: its decay is 0.99, and epsilon beside the root.
        "rmsprop": lambda: optax.scale_by_rms(decay=options["b2"], eps=1e-8, eps_in_sqrt=False),
        "sgd": optax.identity,
    }
    if options["name"] not in known:
        raise ValueError(f'Unknown optimizer "{options["name"]}". Known: {", ".join(known)}.')
    return known[options["name"]]()


def _learning_rate(options) -> optax.Schedule:
    """Constant, times ``scale`` at each of ``boundaries``."""
    boundaries = np.asarray(options["boundaries"], np.int32)  # of NumPy: compiles nothing

    def rate(step):
        passed = jnp.sum(step >= boundaries)
        return options["learning_rate"] * jnp.power(options["scale"], passed)

    return rate
