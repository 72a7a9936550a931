"""What a fresh run takes from trained networks: ``config.start_from``.

The unit is a top-level part of a network (``stage1``, ``down2``): its parameters and its
statistics. Parts of the same name are taken, the others stay as initialised. Where the other run
kept an average of its generator's parameters, that is what is taken, as everywhere else.
"""

from collections.abc import Collection, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn

from ssagan_jax.checkpoints import networks
from ssagan_jax.checkpoints.array_trees import differences
from ssagan_jax.config.schema import WarmStartConfig, as_tuples
from ssagan_jax.models.variables import Tree, frozen
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.state import GanState, NetState

WarmStart = Mapping[str, dict[str, Any]]  # role -> "params", "stats" (NumPy), "folder", "other"


def read_warm_start(start_from: WarmStartConfig, gan: Gan, abstract: GanState) -> WarmStart:
    """Reads the parts that ``config.start_from`` names, checked against the state to be.

    Raises:
      FileNotFoundError: if there is no such checkpoint.
      ValueError: if it shares no part with this run's network, or differs in one; or if the
        generator keeps a part frozen that nobody has trained.
    """
    asked = {"generator": start_from.generator, "discriminator": start_from.discriminator}
    found = {role: _read_role(role, path, gan, abstract) for role, path in asked.items() if path}
    trained = found["generator"]["params"] if "generator" in found else ()
    missing = [name for name in frozen(gan.generator) if name not in trained]
    if missing and not start_from.untrained:
        raise ValueError(
            f"This generator keeps {', '.join(missing)} as it is, and nothing says where a trained "
            "one is. Train it first (MD-GAN: --config=mdgan:stage=1), then pass "
            "--config.start_from.generator=WORKDIR of that run."
        )
    return found


def apply_warm_start(state: GanState, parts: WarmStart) -> GanState:
    """A fresh state with these parts in place of its own; the average starts as a copy of them."""
    for role, item in parts.items():
        net = getattr(state, role)
        params = _replaced(net.params, item["params"])
        stats = {name: _replaced(net.stats[name], tree) for name, tree in item["stats"].items()}
        net = net.replace(params=params, stats={**net.stats, **stats})
        state = state.replace(**{role: net})
        if role == "generator" and state.ema_params is not None:
            averages = {
                name: _replaced(tree, item["stats"].get(name, {}))
                for name, tree in state.ema_stats.items()
            }
            params = _replaced(state.ema_params, item["params"])
            state = state.replace(ema_params=params, ema_stats=averages)
        rest = ", ".join(sorted(params.keys() - item["params"].keys())) or "nothing"
        print(
            f"{role}: {', '.join(sorted(item['params']))} from {item['folder']}; "
            f"as initialised: {rest}."
        )
        if item["other"]:
            print(f"{role}: note what differs from that run: {'; '.join(item['other'])}.")
    return state


def _read_role(role: str, path: str, gan: Gan, abstract: GanState) -> dict[str, Any]:
    net: NetState = getattr(abstract, role)
    try:
        item, options, folder = networks.load_network(path, role)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"config.start_from.{role}: {error}") from error
    names = net.params.keys() & item["params"].keys()
    if not names:
        raise ValueError(
            f"config.start_from.{role}: {folder} has {', '.join(sorted(item['params']))}; this "
            f"run's {role} has {', '.join(sorted(net.params))}. Give a run of a network that "
            "shares a part."
        )
    found = _parts(item["params"], item["stats"], names)
    wanted = _parts(net.params, net.stats, names)
    if lines := differences(wanted, found):
        raise ValueError(
            f"config.start_from.{role}: {folder} is another network than this run's:\n{lines}\n"
            "Use the size, frames, features and norms that it was trained with."
        )
    return {**found, "folder": folder, "other": _differing_options(getattr(gan, role), options)}


def _differing_options(module: nn.Module, options: Mapping[str, Any]) -> list[str]:
    """Options that shapes do not tell (``output``, slopes) and that differ; stages do."""
    here = {name: getattr(module, name) for name in options if hasattr(module, name)}
    there = {name: as_tuples(value) for name, value in options.items()}
    return [
        f"{name} was {there[name]!r}, is {here[name]!r}"
        for name in sorted(here.keys() - {"name", "stage"})
        if there[name] != here[name]
    ]


def _parts(params: Tree, stats: Tree, names: Collection[str]) -> dict[str, Tree]:
    """The named parts; a collection that has none of them is left out."""
    chosen = {
        collection: {name: tree[name] for name in names if name in tree}
        for collection, tree in stats.items()
    }
    chosen = {collection: tree for collection, tree in chosen.items() if tree}
    return {"params": {name: params[name] for name in names}, "stats": chosen}


def _replaced(tree: Tree, parts: Tree) -> Tree:
    """Parts placed as those they replace, in arrays of their own: a state is donated, and on a
    CPU ``device_put`` may leave a NumPy array where it is.
    """
    new = jax.tree.map(
        lambda old, value: jnp.copy(jax.device_put(value, old.sharding)),
        {name: tree[name] for name in parts},
        parts,
    )
    return {**tree, **new}
