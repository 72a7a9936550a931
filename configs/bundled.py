"""The small model of the package: SSA-GAN of 64 pixels and 32 frames that warps, on painted clips.

    ssagan train --config=configs/bundled.py --workdir=runs/bundled
    python -m ssagan_jax.checkpoints.bundled --workdir=runs/bundled --trained-on="..."

There is no adversary: the sharpness of a clip is that of the photo, whose pixels are only moved.
Time and scores: ssagan_jax/checkpoints/assets/MODEL_CARD.md.

Argument: tiny.
"""

from ml_collections import ConfigDict

from . import common, wind


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg)
    config = wind.get_config("dataset=synthetic_wind,frames=32,features=8,adversary=0").unlock()
    config.dataset.update(frame_step=1, frame_steps=(), train_windows="")
    # Every level but the last, where attention would take half of the time.
    config.generator.attention_at = ("encoder", "decoder1", "decoder2", "decoder3")
    # Painted clips know what moves: from that the mask learns that a sky moves as a whole.
    config.generator_losses.mask_cross_entropy = 1.0
    config.num_steps, config.optimizer.boundaries = 3000, (1800, 2500)
    config.ema_decay = 0.995
    config.eval_clips, config.eval_batch_size = 32, 8
    if args.tiny:
        common.tiny(config)
    return config.lock()
