"""The base recipe: every key a config has, its default, and what it means."""

from typing import Any

from ml_collections import ConfigDict
from ml_collections.config_dict import placeholder

# Discriminator updates in one epoch of the paper's Cloud set: 35,383 clips in batches of 16.
CLOUD_EPOCH = 2211


def parse(arg: str | None, **defaults: Any) -> ConfigDict:
    """Reads a config's typed argument string: ``FILE:size=64,recipe=author,tiny``.

    A bare word means true. Every config has ``tiny`` (for tests, CI and laptops).

    Raises:
      ValueError: for an unknown argument or a value of another type.
    """
    values = {"tiny": False, **defaults}
    for item in filter(None, (arg or "").split(",")):
        key, equals, text = item.partition("=")
        if key not in values:
            known = ", ".join(f"{k}={v}" for k, v in values.items())
            raise ValueError(f'Unknown config argument "{key}". Known, with defaults: {known}.')
        values[key] = _typed(key, text if equals else "true", type(values[key]))
    return ConfigDict(values)


def _typed(key, text, kind):
    if kind is bool:
        if text.lower() not in ("true", "false", "1", "0"):
            raise ValueError(f'Config argument "{key}" must be true or false, not "{text}".')
        return text.lower() in ("true", "1")
    try:
        return kind(text)
    except ValueError as error:
        raise ValueError(
            f'Config argument "{key}" must be of type {kind.__name__}, not "{text}".'
        ) from error


def base() -> ConfigDict:
    """The paper's model at 128 x 128 x 32 with the poster's losses."""
    config = ConfigDict()
    config.seed = 0  # of parameters, data order and every draw

    config.dataset = ConfigDict()
    config.dataset.name = "synthetic"  # synthetic, sky, tiny_videos, video_folder
    config.dataset.data_dir = ""  # where it was built, or gs://BUCKET/DIR; empty: tfds' default
    config.dataset.cache = ""  # folder on a local disk to copy built clips to once; empty: none
    config.dataset.size = 128  # pixels a side: 32, 64, 128, 256
    config.dataset.frames = 32  # of a clip: 8, 16, 32, 64
    config.dataset.frame_step = 1  # take every n-th frame of a shot
    config.dataset.windows = "all"  # of a shot: all (no overlap), first, overlapping, random:N
    config.dataset.crop = "none"  # none: frames are squeezed to a square; center: its middle
    config.dataset.train_windows = ""  # of training clips; empty: the same
    config.dataset.frame_steps = ()  # further frame steps, of training clips alone
    config.dataset.flip = False  # random left-right flips; the paper has none
    config.dataset.reverse = False  # training clips played backwards at random

    config.batch_size = 16  # global: clips over all devices and hosts
    config.num_steps = 100 * CLOUD_EPOCH  # discriminator updates
    config.n_critic = 1  # discriminator updates per generator update
    config.critic_epoch = 0  # discriminator updates after which that count starts anew; 0: never
    config.extra_power_iterations = 0  # of spectral norm, after the discriminator's losses
    config.updates = "turns"  # turns, together: one of each network, out of one pass

    config.generator = ConfigDict()  # fields: see the model's file under ssagan_jax/models
    config.generator.name = "ssagan"
    config.generator.features = 32  # channels of the first level
    config.generator.skips = "concat"  # concat, sum
    config.generator.skip_levels = placeholder(int)  # the deepest levels with a skip; None: all
    config.generator.bottleneck = "whole"  # whole, pair, halve: see models/unet.py
    config.generator.attention = "per_frame"  # none, per_frame, shared, spatiotemporal
    config.generator.attention_at = ("encoder", "decoder")  # or single levels: encoder1, ...
    config.generator.share_attention = False  # the decoder reuses the encoder's blocks
    config.generator.c_cal = 1  # reduction of the query and key channels
    config.generator.gate = "gamma"  # gamma, none_zero_init, none_normal_init
    config.generator.gamma_init = 0.0  # where gamma starts
    config.generator.norm = "batch"  # batch, instance, layer, none
    config.generator.spectral_norm = True
    config.generator.first_activation = "none"  # after the first convolution: none, leaky_relu
    config.generator.output = "direct"  # direct, residual (change relative to the photo), warp
    config.generator.wind = "none"  # none, given: which way it blows is an input
    config.generator.condition = "none"  # none, mask: what may move is an input
    config.generator.initializer = "normal"  # normal, author, narrow, uniform

    config.discriminator = ConfigDict()
    config.discriminator.name = "mdgan"
    config.discriminator.features = 32
    config.discriminator.norm = "batch"  # batch, instance, layer, none
    config.discriminator.spectral_norm = True
    config.discriminator.last_slope = 0.2  # of the last leaky ReLU
    config.discriminator.sigmoid = False  # scores are sigmoid outputs instead of logits
    config.discriminator.head = "whole"  # whole, pair: one score per clip or several
    config.discriminator.wind = "none"  # none, given: whether it sees the wind
    config.discriminator.initializer = "normal"  # as the generator's

    config.start_from = ConfigDict()  # of a fresh run: see ssagan_jax/training/warm_start.py
    config.start_from.generator = ""  # workdir or checkpoint it takes trained parts from
    config.start_from.discriminator = ""
    config.start_from.untrained = False  # allow frozen parts as initialised, to try things out

    config.generator_losses = ConfigDict()  # name -> weight
    config.discriminator_losses = ConfigDict()

    config.optimizer = ConfigDict()
    config.optimizer.name = "adam"  # adam, rmsprop, sgd
    config.optimizer.learning_rate = 2e-4
    config.optimizer.b1 = 0.5  # of the mean (adam)
    config.optimizer.b2 = 0.9  # of the mean square (adam, rmsprop)
    config.optimizer.boundaries = ()  # discriminator steps at which the rate is scaled
    config.optimizer.scale = 0.1  # by this much, for both networks
    config.optimizer.gamma_rate = 1.0  # attention's gammas learn this many times as fast
    config.ema_decay = 0.0  # average of the generator's parameters; 0: none, as in the paper

    config.precision = "float32"  # of activations: float32, bfloat16 (all that is kept: float32)
    config.remat = "none"  # none, levels: less memory, each level computed again for its gradient
    config.micro_batches = 1  # parts of a batch computed one after the other: less memory

    config.mesh = (("data", -1),)  # axes; -1: all that are left; "fsdp" splits large arrays
    config.sharding_rules = ()  # (pattern of a path, axis per dimension); see docs/launch.md

    config.non_finite = "stop"  # stop, skip, rollback: at a loss or gradient that is not finite
    config.non_finite_limit = 5  # of updates skipped, or ways back, in a row; then the run stops

    config.log_every = 50  # steps between lines of metrics.jsonl
    config.sample_every = 2000  # steps between sample clips
    config.checkpoint_every = 1000
    config.keep_checkpoints = 2  # the latest ones; the best one is kept besides
    config.eval_every = 10_000  # 0: only at the end
    config.eval_clips = 0  # test clips scored; 0: all
    config.eval_batch_size = 16
    config.metrics = ()  # also scored: lpips_alex, lpips_vgg, fvd, kvd (the metrics extra)
    config.watchdog = 900.0  # seconds without a step after which a process is ended; 0: never
    config.watchdog_start = 7200.0  # the same for data and compilation
    config.watchdog_eval = 14400.0  # and for scores and samples
    config.trackers = ("tensorboard",)  # also wandb, mlflow, trackio (extras of these names)
    config.tensorboard = "tensorboardX"  # what writes its events; or clu (the tensorflow extra)
    return recipe(config, "poster")


def recipe(config: ConfigDict, name: str, *, others: tuple[str, ...] = ()) -> ConfigDict:
    """Sets what the three recipes differ in: ``poster``, ``author`` (released code), ``hinge``.

    Args:
      others: recipes that the config file has besides, to be named in the error.

    Raises:
      ValueError: for another name.
    """
    recipes = {"poster": _poster, "author": _author, "hinge": _hinge}
    if name not in recipes:
        known = ", ".join((*others, *recipes))
        raise ValueError(f'Unknown recipe "{name}". Known: {known}.')
    with config.unlocked():
        recipes[name](config)
    return config


def _poster(config):
    """Log GAN and L1, as on the poster; its weight of L1 is not given (10 is a run of theirs)."""
    config.discriminator_losses = ConfigDict({"vanilla": 1.0})
    config.generator_losses = ConfigDict({"vanilla": 1.0, "l1": 10.0})


def _hinge(config):
    """As the poster's, with the hinge loss of SAGAN, where the attention block comes from."""
    config.discriminator_losses = ConfigDict({"hinge": 1.0})
    config.generator_losses = ConfigDict({"hinge": 1.0, "l1": 10.0})


def _author(config):
    """The released code: WGAN-GP on sigmoid outputs, L1 and SSIM, one map for all frames."""
    config.generator.attention = "shared"
    config.generator.initializer = config.discriminator.initializer = "author"
    config.discriminator.sigmoid = True
    config.discriminator.last_slope = 0.01
    config.discriminator_losses = ConfigDict({"wasserstein": 1.0, "gradient_penalty": 10.0})
    config.generator_losses = ConfigDict({"wasserstein": 1.0, "l1": 1.0, "ssim": 1.0})
    config.n_critic = 5
    # They count towards generator updates anew in each epoch, and their scheduler steps at an
    # epoch's start: the rate of epochs 45 and 55, counted from one, is the lower one already.
    config.critic_epoch = CLOUD_EPOCH
    config.optimizer.boundaries = (44 * CLOUD_EPOCH, 54 * CLOUD_EPOCH)
    config.extra_power_iterations = 1  # the penalty's pass makes one, which later passes read


def tiny(config: ConfigDict, *, dataset: str = "synthetic") -> ConfigDict:
    """Shrinks any config to a few steps of a few features: what tests, CI and laptops run."""
    config.dataset.update(name=dataset, size=32, frames=8)
    config.batch_size, config.eval_batch_size, config.eval_clips = 8, 8, 8
    config.num_steps, config.n_critic = 4, 2
    config.generator.features = config.discriminator.features = 4
    config.start_from.untrained = True
    config.log_every, config.sample_every = 1, 4
    config.checkpoint_every, config.eval_every = 2, 0
    return config
