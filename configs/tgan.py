"""TGAN, image-conditioned, at its own size: 64 x 64, here with 32 frames instead of 16.

    ssagan train --config=configs/tgan.py:dataset=sky --workdir=runs/tgan \
        --config.dataset.data_dir=DIR

RMSProp, batch, clipping of the discriminator's singular values as in the released code. The photo
must come back as the first frame, weighed as in VGAN.
Arguments: dataset, size, frames, recipe, tiny. Recipes:

  turns     the discriminator, then the generator, each out of a pass of its own; a clip's scores
            are averaged; PyTorch's batch norm. As all other models here.
  original  as in the released code: both networks out of one pass, a clip's scores are summed,
            Chainer's batch norm.

Machine, time, numbers: not yet run.
"""

from ml_collections import ConfigDict

from . import common

RECIPES = ("turns", "original")


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=64, frames=32, recipe="turns")
    if args.recipe not in RECIPES:
        raise ValueError(f'Unknown recipe "{args.recipe}". Known: {", ".join(RECIPES)}.')
    config = common.base()
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.batch_size = 32
    config.num_steps = 50 * common.CLOUD_EPOCH  # 100 epochs: the batch is twice the paper's
    config.generator = ConfigDict()
    config.generator.name = "tgan"
    config.generator.features = 32  # channels of the last hidden level at 64 pixels
    config.generator.latent = 100  # numbers in the slow latent and in each fast one
    config.generator.norm = "batch"  # batch, chainer
    config.discriminator = ConfigDict()
    config.discriminator.name = "tgan"
    config.discriminator.features = 64  # channels of the first level at 64 pixels
    config.discriminator.constrain_every = 5  # updates between two clippings of singular values
    config.discriminator.norm = "batch"  # batch, chainer
    config.generator_losses = ConfigDict({"wasserstein": 1.0, "first_frame": 10.0})
    config.discriminator_losses = ConfigDict({"wasserstein": 1.0})
    config.optimizer.update(name="rmsprop", learning_rate=5e-5, b2=0.99)  # Chainer's decay
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
        config.discriminator.constrain_every = 2  # so that it happens in these few steps
    if args.recipe == "original":
        _original(config)
    return config.lock()


def _original(config: ConfigDict) -> None:
    config.updates, config.n_critic = "together", 1
    config.generator.norm = config.discriminator.norm = "chainer"
    config.generator_losses = ConfigDict({"wasserstein_sum": 1.0, "first_frame": 10.0})
    config.discriminator_losses = ConfigDict({"wasserstein_sum": 1.0})
