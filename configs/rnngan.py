"""RNN-GAN (Zhou and Berg's recurrent generator) at its own size: 64 x 64, here with 32 frames.

    ssagan train --config=configs/rnngan.py:dataset=sky --workdir=runs/rnngan \
        --config.dataset.data_dir=DIR

L1 on all frames plus 0.2 times the log loss of a discriminator of single frames; Adam as published,
its second moment as by default; batch and epochs are the paper's.
Arguments: dataset, size, frames, tiny.
Machine, time, numbers: not yet run.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=64, frames=32)
    config = common.base()
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.generator = ConfigDict()
    config.generator.name = "rnngan"
    config.generator.features = 64  # channels of the shallowest level at 64 pixels
    config.discriminator = ConfigDict()
    config.discriminator.name = "rnngan"
    config.discriminator.features = 64  # channels of the first level at 64 pixels
    config.generator_losses = ConfigDict({"vanilla": 0.2, "l1": 1.0})
    config.discriminator_losses = ConfigDict({"vanilla": 1.0})
    config.optimizer.update(learning_rate=2e-4, b1=0.5, b2=0.999)
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()
