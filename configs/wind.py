"""SSA-GAN that moves the photo's own pixels with a given wind: docs/wind.md.

    ssagan train --config=configs/wind.py:dataset=sky --workdir=runs/wind \
        --config.dataset.data_dir=DIR

Clips of 16 frames, every second one of the footage, at 64 x 64 (or size=128). Arguments: dataset,
size, frames, output (warp, residual, direct), adversary (weight of a log GAN; 0: none), judged
(given: that GAN's discriminator sees the wind; none), tiny.
Machine, time, numbers: docs/wind.md.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(
        arg,
        dataset="",
        size=64,
        frames=16,
        features=16,
        output="warp",
        adversary=0.0,
        judged="given",
    )
    config = common.base()
    config.dataset.update(name=args.dataset or "sky", size=args.size, frames=args.frames)
    config.dataset.update(frame_step=2, frame_steps=(1,), train_windows="overlapping")
    config.dataset.update(flip=True, reverse=True)
    config.batch_size, config.num_steps = 4, 800
    config.generator.update(output=args.output, wind="given", features=args.features)
    config.generator.update(norm="instance", spectral_norm=False)
    # Without a norm spectral norm leaves a discriminator scores of nearly 0, and nothing is learnt.
    config.discriminator.update(norm="instance", features=args.features)
    weights = {"l1": 5.0, "mse": 10.0, "ssim": 1.0, "wind_likelihood": 0.1}
    if args.output == "warp":
        weights |= {"velocity_variation": 0.002, "change": 0.1}
    if args.adversary:
        weights["vanilla"] = args.adversary
        config.discriminator.wind = args.judged
    else:  # a discriminator that learns nothing costs nothing: XLA leaves it out
        config.discriminator_losses = ConfigDict()
        config.discriminator.update(spectral_norm=False, features=4)
    config.generator_losses = ConfigDict(weights)
    config.optimizer.update(learning_rate=1e-3, b1=0.9, b2=0.99)
    config.optimizer.boundaries, config.optimizer.scale = (500, 650), 0.3
    config.ema_decay = 0.99
    config.log_every, config.sample_every, config.checkpoint_every = 20, 250, 250
    config.eval_every, config.eval_batch_size = 0, 5
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()
