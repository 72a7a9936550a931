"""Attention, one choice at a time: the table of ``ssagan reproduce --table=attention``.

    ssagan train --config=configs/ablation_attention.py:attention=shared,dataset=sky \
        --workdir=runs/shared --config.dataset.data_dir=DIR

SSA-GAN by the poster's recipe; nothing differs between rows but where a position looks
(attention) and whether a learnt scalar lets it look there (gate). The poster has no numbers.

Arguments: attention (none, per_frame, shared, spatiotemporal), gate (gamma, none_zero_init,
none_normal_init), dataset, size, frames, tiny.
Machine, time, numbers: not yet run at this size; 32 px, 400 steps: docs/reproducing.md.
"""

from collections.abc import Iterator

from ml_collections import ConfigDict

from . import common

ATTENTION = {"per_frame": "per frame", "shared": "shared map", "spatiotemporal": "space and time"}
GATES = {"gamma": "gamma", "none_zero_init": "no gamma"}


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=128, frames=32, attention="per_frame", gate="gamma")
    config = common.base()
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.generator.update(attention=args.attention, gate=args.gate)
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()


def sweep() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yields (name, label, arguments) of every row.

    ``none_normal_init`` is what the authors' code does when gamma is switched off, so it stands
    beside their shared map only.
    """
    yield "none", "no attention", {"attention": "none"}
    for attention, what in ATTENTION.items():
        for gate, how in GATES.items():
            arguments = {"attention": attention, "gate": gate}
            yield f"{attention}_{gate}", f"{what}, {how}", arguments
    arguments = {"attention": "shared", "gate": "none_normal_init"}
    yield "shared_none_normal_init", "shared map, no gamma, N(0, 0.02) as released", arguments
