"""The small model of the package: SSA-GAN of 64 pixels and 32 frames, on gentle painted clips.

    ssagan train --config=configs/bundled.py --workdir=runs/bundled
    python -m ssagan_jax.checkpoints.bundled --workdir=runs/bundled --trained-on="..."

40 min on two cores of an AMD EPYC that other work shared (jax 0.10.2, seed 0); its scores are in
ssagan_jax/checkpoints/assets/MODEL_CARD.md.

Argument: tiny.
"""

from ml_collections import ConfigDict

from configs import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg)
    config = common.base()
    config.dataset.update(name="synthetic_slow", size=64, frames=32)
    config.batch_size = 4
    config.num_steps = 3000
    config.generator.output = "residual"
    config.generator.features = config.discriminator.features = 8
    # Every level but the last, where attention would take half of the time.
    config.generator.attention_at = ("encoder", "decoder1", "decoder2", "decoder3")
    # A norm would take from the discriminator how much contrast a clip has, by which a blurred
    # one is told.
    config.generator.norm, config.discriminator.norm = "instance", "none"
    config.generator_losses.l1 = 100.0
    config.optimizer.learning_rate = 1e-3
    config.optimizer.boundaries, config.optimizer.scale = (2200,), 0.3
    config.ema_decay = 0.995
    config.log_every, config.sample_every, config.checkpoint_every = 20, 200, 200
    config.eval_every, config.eval_clips, config.eval_batch_size = 0, 32, 8
    if args.tiny:
        common.tiny(config)
    return config.lock()
