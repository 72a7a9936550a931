"""SSA-GAN on a small set of real clips, at a size two CPU cores can train.

64 x 64 pixels, 16 frames, every second frame of a shot (so a clip spans the paper's 32 frames),
16 features, batches of 4. Build the data set first, from a folder in the Sky layout:

    ssagan data build sky --source=FOLDER --data-dir=DIR
    ssagan train --config=configs/mini_sky.py --workdir=runs/mini_sky \
        --config.dataset.data_dir=DIR

Arguments: recipe (poster, author, hinge), output (direct, residual), l1 (its weight), condition
(none, mask: docs/future_work.md), tiny.
What it reached: docs/reproducing.md.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(
        arg, dataset="", recipe="poster", output="direct", l1=10.0, condition="none"
    )
    config = common.recipe(common.base(), args.recipe)
    config.dataset.update(name=args.dataset or "sky", size=64, frames=16, frame_step=2)
    config.batch_size = 4
    config.num_steps = 1200
    config.generator.update(output=args.output, condition=args.condition)
    config.generator.features = config.discriminator.features = 16
    config.generator_losses.l1 = args.l1
    config.log_every, config.sample_every, config.checkpoint_every = 20, 400, 400
    config.eval_every, config.eval_batch_size = 400, 5
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()
