"""MD-GAN's system out of its two networks, which the authors keep in a file each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.checkpoints.networks import load_generator
from ssagan_jax.checkpoints.torch import loading
from ssagan_jax.checkpoints.torch.fields import Network

SHARED = ("size", "frames", "features", "norm", "spectral_norm", "output")


def join_stages(
    first: str | Path, second: Network, variables: Mapping[str, Any]
) -> tuple[Network, dict[str, Any]]:
    """Both stages in a row: a photo in, the second network's clip out.

    Args:
      first: a Stage I ``.pth`` file, or a workdir or checkpoint with a ``stage1``.
      second: what was found in the Stage II file.
      variables: of the second network alone.

    Returns:
      The ``mdgan`` generator of stage 2, and its variables: ``stage1`` and ``stage2``.

    Raises:
      FileNotFoundError, ImportError, ValueError: as ``load_torch`` and ``load_generator``.
      ValueError: if ``first`` is no MD-GAN, or its network and the second differ in a field that
        both stages share.
    """
    before, given = _read_first(first)
    _refuse_difference(first, before, second)
    fields = {key: before.fields[key] for key in SHARED if key in before.fields}
    bottlenecks = (before.fields["bottlenecks"][0], second.fields["bottleneck"])
    network = Network("mdgan", {**fields, "stage": 2, "bottlenecks": bottlenecks}, second.table)
    joined = {
        collection: {"stage1": given[collection]["stage1"], "stage2": tree}
        for collection, tree in variables.items()
    }
    return network, joined


def _read_first(path: str | Path) -> tuple[Network, Mapping[str, Any]]:
    if Path(path).is_file():
        return loading.read_network(path, model="mdgan", role="generator", stage=1)
    network, variables, _ = load_generator(path)
    if network.name != "mdgan":
        raise ValueError(
            f"{path} holds a generator {network.name}; the first stage is one of mdgan."
        )
    size = {"size": network.size, "frames": network.frames}
    return Network(network.name, {**size, **network.options}, {}), variables


def _refuse_difference(path: str | Path, first: Network, second: Network) -> None:
    one, two = (loading.make_module(network, "generator") for network in (first, second))
    lines = [
        f"  {key}: {getattr(one, key)!r} there, {getattr(two, key)!r} in the second stage"
        for key in SHARED
        if getattr(one, key) != getattr(two, key)
    ]
    if two.skips != "sum":
        lines.append(f"  skips: sums there, {two.skips!r} in the second stage")
    if lines:
        raise ValueError(f"{path} is not the first stage of this one:\n" + "\n".join(lines))
