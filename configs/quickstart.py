"""The README's first run: a small SSA-GAN on the built-in synthetic clips, on two CPU cores.

    ssagan train --config=configs/quickstart.py --workdir=runs/quickstart

Besides the size, two things differ from the paper's recipe, so that minutes are enough: the
network learns the change relative to the photo (output=residual), and L1 weighs 100 instead of 10.

Argument: tiny.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg)
    config = common.base()
    config.dataset.update(name="synthetic", size=64, frames=16)
    config.batch_size = 4
    config.num_steps = 250
    config.generator.output = "residual"
    config.generator.features = config.discriminator.features = 16
    config.generator_losses.l1 = 100.0
    config.log_every, config.sample_every, config.checkpoint_every = 10, 125, 125
    config.eval_every, config.eval_clips, config.eval_batch_size = 0, 32, 8
    if args.tiny:
        common.tiny(config)
    return config.lock()
