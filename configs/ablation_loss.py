"""Losses, one choice at a time: the table of ``ssagan reproduce --table=losses``.

    ssagan train --config=configs/ablation_loss.py:loss=hinge,ssim=true,dataset=sky \
        --workdir=runs/hinge --config.dataset.data_dir=DIR

SSA-GAN by the poster's recipe; nothing differs between rows but the adversarial loss and whether
an SSIM loss stands beside L1, with L1's weight (in the released code both weigh 1). One
discriminator update per generator update for all: Wasserstein's usual five would leave its rows a
fifth of the generator updates. The poster has no numbers.

Arguments: loss (vanilla, wasserstein, wasserstein_sigmoid, hinge), ssim, l1 (its weight), dataset,
size, frames, tiny.
Machine, time, numbers: not yet run at this size; 32 px, 400 steps: docs/reproducing.md.
"""

from collections.abc import Iterator

from ml_collections import ConfigDict

from . import common

LOSSES = {
    "vanilla": "log GAN",
    "wasserstein": "Wasserstein, gradient penalty",
    "wasserstein_sigmoid": "Wasserstein on sigmoid, gradient penalty",
    "hinge": "hinge",
}


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=128, frames=32, loss="vanilla", ssim=False, l1=10.0)
    if args.loss not in LOSSES:
        raise ValueError(f'Unknown loss "{args.loss}". Known: {", ".join(LOSSES)}.')
    config = common.base()
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    name, _, sigmoid = args.loss.partition("_")
    penalty = {"gradient_penalty": 10.0} if name == "wasserstein" else {}
    config.discriminator.sigmoid = bool(sigmoid)
    config.discriminator_losses = ConfigDict({name: 1.0, **penalty})
    content = {"l1": args.l1, **({"ssim": args.l1} if args.ssim else {})}
    config.generator_losses = ConfigDict({name: 1.0, **content})
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()


def sweep() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yields (name, label, arguments) of every row."""
    for loss, what in LOSSES.items():
        yield loss, what, {"loss": loss}
        yield f"{loss}_ssim", f"{what}, SSIM", {"loss": loss, "ssim": "true"}
