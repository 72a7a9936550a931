"""Does attention help, and is it gamma that holds it back? ``ssagan reproduce --table=gamma``.

    ssagan train --config=configs/ablation_gamma.py:attention=shared,start=one,dataset=sky \
        --workdir=runs/shared_one --config.dataset.data_dir=DIR

SSA-GAN by the poster's recipe; nothing differs between rows but where a position looks (attention)
and how its scalar gamma sets out (start): from 0 as on the poster, from 1, or from 0 at ten times
the learning rate of all else. The poster has no numbers.

Arguments: attention (none, per_frame, shared, spatiotemporal), start (zero, one, fast), dataset,
size, frames, tiny.
Machine, time, numbers: 32 px, 400 steps: docs/reproducing.md.
"""

from collections.abc import Iterator

from ml_collections import ConfigDict

from . import ablation_attention, common

STARTS = {"zero": "gamma from 0", "one": "gamma from 1", "fast": "gamma from 0, rate x 10"}


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=128, frames=32, attention="per_frame", start="zero")
    if args.start not in STARTS:
        raise ValueError(f'Unknown start "{args.start}". Known: {", ".join(STARTS)}.')
    shared = ("dataset", "size", "frames", "attention", "tiny")
    config = ablation_attention.get_config(",".join(f"{key}={args[key]}" for key in shared))
    with config.unlocked():
        config.generator.gamma_init = float(args.start == "one")
        config.optimizer.gamma_rate = 10.0 if args.start == "fast" else 1.0
    return config


def sweep() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yields (name, label, arguments) of every row."""
    yield "none", "no attention", {"attention": "none"}
    for attention, what in ablation_attention.ATTENTION.items():
        for start, how in STARTS.items():
            arguments = {"attention": attention, "start": start}
            yield f"{attention}_{start}", f"{what}, {how}", arguments
