"""The control for attention: SSA-GAN's U-Net with concatenated skips, without any attention.

    ssagan train --config=configs/unet.py:dataset=sky --workdir=runs/unet \
        --config.dataset.data_dir=DIR

50,218,304 parameters; all else as configs/ssagan.py. Arguments: dataset, size, frames, recipe
(poster, author, hinge), tiny.
Machine, time, numbers: not yet run at this size.
"""

from ml_collections import ConfigDict

from . import common


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(arg, dataset="", size=128, frames=32, recipe="poster")
    config = common.recipe(common.base(), args.recipe)
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.generator.update(name="unet", attention="none")
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()
