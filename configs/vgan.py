"""VGAN, image-conditioned, at its own size: 64 x 64 x 32 (:size=128 has one more level).

    ssagan train --config=configs/vgan.py:dataset=sky --workdir=runs/vgan \
        --config.dataset.data_dir=DIR

Losses, optimizer and batch as in the released code; 100 epochs. Its mask penalty (weight 0.1)
belongs to the unconditional model: --config.generator_losses.mask_sparsity=0.1.
Arguments: dataset, size, frames, tiny.
Machine, time, numbers: not yet run.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=64, frames=32)
    config = common.base()
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.batch_size = 32
    config.num_steps = 50 * common.CLOUD_EPOCH  # 100 epochs: the batch is twice the paper's
    config.generator = ConfigDict()
    config.generator.name = "vgan"
    config.generator.features = 128  # channels of the shallowest level at 64 pixels
    config.discriminator = ConfigDict()
    config.discriminator.name = "vgan"
    config.discriminator.features = 128  # channels of the first level at 64 pixels
    config.generator_losses = ConfigDict(
        {"vanilla": 1.0, "first_frame": 10.0, "mask_sparsity": 0.0}
    )
    config.discriminator_losses = ConfigDict({"vanilla": 1.0})
    config.optimizer.update(learning_rate=2e-4, b1=0.5, b2=0.999)
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()
