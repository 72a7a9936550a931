"""SSA-GAN, the paper's model: 128 x 128 x 32, batch 16.

    ssagan train --config=configs/ssagan.py:dataset=sky --workdir=runs/sky \
        --config.dataset.data_dir=DIR

Arguments: dataset, size, frames, recipe (poster, author, hinge), condition (none, mask), tiny.
Machine, time, numbers: not yet run at this size.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=128, frames=32, recipe="poster", condition="none")
    config = common.recipe(common.base(), args.recipe)
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.generator.condition = args.condition
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()
