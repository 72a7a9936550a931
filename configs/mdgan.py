"""MD-GAN (Xiong et al. 2018), the two-stage baseline: 128 x 128 x 32, batch 16.

    ssagan train --config=configs/mdgan.py:stage=1,dataset=sky --workdir=runs/stage1 \
        --config.dataset.data_dir=DIR
    ssagan train --config=configs/mdgan.py:stage=2,dataset=sky,start=runs/stage1 \
        --workdir=runs/stage2 --config.dataset.data_dir=DIR

Arguments: stage (1, 2), start (the Stage I run that Stage II refines, and keeps as it is),
dataset, size, frames, recipe, ranking, tiny. Recipes:

  mdgan    log GAN and L1, both of weight 1; Stage II adds the ranking loss, weight 1; no
           spectral norm. As its authors describe it.
  poster, hinge    those of SSA-GAN (spectral norm, 10 x L1), for the same network; with ranking.
  author   as the SSA-GAN authors retrained it: Wasserstein with penalty, 1 x L1, spectral norm,
           5 discriminator updates per generator update, and no ranking (theirs is noise).

ranking=ranking_real takes the other reading of that loss (losses/ranking.py), ranking=none
leaves it out. Its distances are sums over Gram matrices, not means, so at weight 1 it dominates:
at initialisation, 128 x 128 x 32, the distance of real from still clips is 0.4 in block 1 and 25
to 41 in block 3, where vanilla is about 0.7 and L1 below 0.4. In a run of 400 steps at 64 pixels
and 16 frames on 252 clips it drove the clips away from the real ones: g/ranking 16, PSNR 21.5
where Stage I has 26.9. Compare with ranking=none, or lower --config.generator_losses.ranking and
--config.discriminator_losses.ranking.

Machine, time, numbers: not yet run at this size.
"""

from ml_collections import ConfigDict

from . import common

RANKINGS = ("ranking", "ranking_real", "none")
STAGE2_EPOCHS = (29, 39, 49)  # after which the authors scale the rate in Stage II


def get_config(arg: str | None = None) -> ConfigDict:
    args = common.parse(
        arg, stage=1, start="", dataset="", size=128, frames=32, recipe="mdgan", ranking=""
    )
    _check(args)
    recipe = "poster" if args.recipe == "mdgan" else args.recipe
    config = common.recipe(common.base(), recipe, others=("mdgan",))
    config.dataset.update(name=args.dataset or "synthetic", size=args.size, frames=args.frames)
    config.start_from.generator = args.start

    initializer, author = config.generator.initializer, args.recipe == "author"
    config.generator = ConfigDict()
    config.generator.name = "mdgan"
    config.generator.features = 32  # channels of the first level
    config.generator.stage = args.stage  # 2: both in a row, the first one frozen
    config.generator.bottlenecks = ("whole", "whole")  # of either stage: see models/unet.py
    config.generator.norm = "batch"  # batch, instance, layer, none
    config.generator.spectral_norm = args.recipe != "mdgan"
    config.generator.output = "direct"  # direct, residual (change relative to the photo), warp
    config.generator.wind = "none"  # none, given: which way it blows is an input
    config.generator.initializer = initializer

    config.discriminator.spectral_norm = args.recipe != "mdgan"
    if args.recipe == "mdgan":
        config.generator_losses.l1 = 1.0
    if author:
        del config.generator_losses.ssim  # they use it for their own model only
    ranking = args.ranking or ("none" if author else "ranking")
    if args.stage == 2 and ranking != "none":
        config.generator_losses[ranking] = config.discriminator_losses[ranking] = 1.0
    if args.stage == 2 and author:
        config.optimizer.boundaries = tuple(n * common.CLOUD_EPOCH for n in STAGE2_EPOCHS)
        config.extra_power_iterations = 2  # the other by their ranking term, which has no gradient
    if args.tiny:
        common.tiny(config, dataset=args.dataset or "synthetic")
    return config.lock()


def _check(args: ConfigDict) -> None:
    if args.ranking and args.ranking not in RANKINGS:
        raise ValueError(f'Unknown ranking "{args.ranking}". Known: {", ".join(RANKINGS)}.')
    if args.ranking and args.stage == 1:
        raise ValueError(f"ranking={args.ranking} is of Stage II: leave it out, or pass stage=2.")
