"""From a configuration to modules: what training, evaluation, animation and export share."""

from collections.abc import Mapping

from flax import linen as nn

from ssagan_jax import models

# How networks compute, and the default that every one of them has.
COMPUTE = {"precision": "float32", "remat": "none"}


def generator(config: Mapping) -> nn.Module:
    """The config's generator, for its clip size."""
    return _network(config, "generator")


def discriminator(config: Mapping) -> nn.Module:
    """The config's discriminator, for its clip size."""
    return _network(config, "discriminator")


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
