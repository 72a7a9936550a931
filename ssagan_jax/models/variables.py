"""The variables of a network: made for the first time, and told apart by what training does.

``params`` are what gradients move, all other collections (``batch_stats``, ``spectral``) are
statistics that follow the forward passes.
"""

from typing import Any

import jax
from flax import linen as nn

from ssagan_jax.models.layers.compute import with_compute
from ssagan_jax.models.layers.pooled_initialization import Draw, draw_by_key

Tree = Any  # arrays in nested dicts; abstract ones (shapes, shardings) where nothing is computed


def running(stats: Tree) -> Tree:
    """The collections of ``stats`` that are averaged along with the parameters."""
    return {name: tree for name, tree in stats.items() if name == "batch_stats"}


def initialise(
    module: nn.Module, rng: jax.Array, example: jax.Array, *, draw: Draw = draw_by_key
) -> tuple[Tree, Tree]:
    """Parameters and the other collections of a module, for an input like ``example``."""
    module = with_compute(module, axis_names=(), draw=draw)
    stats = dict(module.init({"params": rng, "noise": rng}, example, train=True))
    return stats.pop("params", {}), stats


def takes_wind(module: nn.Module) -> bool:
    """Whether the wind is an input of a module: it says so by ``takes_wind``."""
    return getattr(module, "takes_wind", False)


def takes_mask(module: nn.Module) -> bool:
    """Whether a mask of what may move is an input of a module: likewise by ``takes_mask``."""
    return getattr(module, "takes_mask", False)


def given_hints(module: nn.Module, *, wind: Any, mask: Any) -> dict[str, Any]:
    """Further arguments of ``apply``: those of wind and mask that a module takes."""
    taken = {"wind": takes_wind(module), "mask": takes_mask(module)}
    hints = {"wind": wind, "mask": mask}
    return {name: hints[name] for name, asked in taken.items() if asked}


def frozen(module: nn.Module) -> tuple[str, ...]:
    """Top-level parts of a module whose parameters training leaves alone (MD-GAN's ``stage1``).

    A module names them in a field or property ``frozen``.
    """
    return getattr(module, "frozen", ())


def split_frozen(module: nn.Module, params: Tree) -> tuple[Tree, Tree]:
    """A module's parameters in two: those that are trained, and those that are frozen."""
    names = frozen(module)
    trained = {name: tree for name, tree in params.items() if name not in names}
    return trained, {name: params[name] for name in names}
