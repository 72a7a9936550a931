"""From a configuration to modules: what training, evaluation, animation and export share."""

from flax import linen as nn

from ssagan_jax import models
from ssagan_jax.config.schema import NetworkConfig

# How networks compute, and the default that every one of them has.
COMPUTE = {"precision": "float32", "remat": "none"}


def generator(network: NetworkConfig) -> nn.Module:
    """The configuration's generator, for its clip size.

    Raises:
      ValueError: for an unknown model, an unknown option or a value it cannot have.
    """
    return _set_precision_and_remat(models.generator(**_fields(network)), network, "generator")


def discriminator(network: NetworkConfig) -> nn.Module:
    """The configuration's discriminator, for its clip size. Errors as ``generator``."""
    return _set_precision_and_remat(
        models.discriminator(**_fields(network)), network, "discriminator"
    )


def _set_precision_and_remat(module: nn.Module, network: NetworkConfig, role: str) -> nn.Module:
    asked = {name: getattr(network, name) for name in COMPUTE}
    asked = {name: value for name, value in asked.items() if value != COMPUTE[name]}
    for option, value in asked.items():
        if not hasattr(module, option):
            raise ValueError(
                f'config.{option}="{value}": the {role} "{network.name}" has no such '
                f'option. Set config.{option}="{COMPUTE[option]}".'
            )
    return module.clone(**asked)


def _fields(network: NetworkConfig) -> dict:
    clip = {"size": network.size, "frames": network.frames}
    return {"name": network.name, **network.options, **clip}
