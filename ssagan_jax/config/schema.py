"""The configuration of a run as typed parts, one for each concern.

``config.json``, the ``config`` of a checkpoint and the bundled model's ``model.json`` hold it as
JSON, with the keys of ``configs/common.py``. Who needs one part of a stored configuration reads
that part alone (``DatasetConfig.from_json``): an imported network has no optimizer.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar

from flax.traverse_util import flatten_dict, unflatten_dict

from ssagan_jax.config.legacy import with_legacy_defaults
from ssagan_jax.config.registry import nearest

Json = Mapping[str, Any]
MeshAxes = tuple[tuple[str, int], ...]  # name and size of each axis
ShardingRules = tuple[tuple[str, tuple[str | None, ...]], ...]  # pattern, an axis per dimension
Part = TypeVar("Part", bound="_Part")


@dataclass(frozen=True)
class _Part:
    """Fields that have a key each: ``key`` of their metadata, or else their own name."""

    GROUP: ClassVar[str] = ""  # the key that holds these keys; empty: they stand at the top

    @classmethod
    def from_json(cls: type[Part], config: Json) -> Part:
        """Reads this part of a whole configuration.

        Raises:
          ValueError: if a key is missing that no earlier version went without.
        """
        stored = config.get(cls.GROUP, {}) if cls.GROUP else with_legacy_defaults(config)
        keys = {part.name: _key(part) for part in fields(cls)}
        found = {name: as_tuples(stored[key]) for name, key in keys.items() if key in stored}
        for part in fields(cls):
            if part.name not in found and part.default is MISSING:
                key = ".".join(filter(None, (cls.GROUP, keys[part.name])))
                raise ValueError(
                    f"The stored configuration has no {key}: it is of no run of ssagan."
                )
        return cls(**found)

    def to_json(self) -> dict[str, Any]:
        """This part of a whole configuration."""
        found = {_key(part): getattr(self, part.name) for part in fields(self)}
        return {self.GROUP: found} if self.GROUP else found


@dataclass(frozen=True)
class DatasetConfig(_Part):
    """The arguments of ``data.source``, and what is done to training clips alone: mirrored or
    played backwards at random, further frame steps, other windows (empty: the same).
    """

    GROUP = "dataset"
    name: str
    data_dir: str  # empty: where tfds has its data sets
    size: int
    frames: int
    frame_step: int = 1
    windows: str = "all"
    flip: bool = False
    reverse: bool = False
    frame_steps: tuple[int, ...] = ()
    train_windows: str = ""
    crop: str = "none"
    cache: str = ""  # empty: read where they lie

    @classmethod
    def from_json(cls, config: Json) -> "DatasetConfig":
        """Reads the data set of a whole configuration.

        Raises:
          ValueError: for an option that data sets do not have.
        """
        known = [_key(part) for part in fields(cls)]
        for key in config["dataset"]:
            if key not in known:
                hint = nearest(key, known, prefix="config.dataset.")
                raise ValueError(f'Unknown config key "config.dataset.{key}".{hint}')
        return super().from_json(config)


@dataclass(frozen=True)
class NetworkConfig:
    """A generator or discriminator.

    Attributes:
      name: of the model, a module of ``ssagan_jax.models``.
      options: the model's own fields.
      size: height and width of clips, in pixels.
      frames: length of clips.
      precision: of activations.
      remat: what is computed again for the gradient.
    """

    name: str
    options: Json
    size: int
    frames: int
    precision: str = "float32"
    remat: str = "none"

    @classmethod
    def from_json(cls, config: Json, role: str) -> "NetworkConfig":
        """Reads the ``generator`` or ``discriminator`` of a configuration, which may be partial."""
        stored = with_legacy_defaults(config)
        options = {key: as_tuples(value) for key, value in stored[role].items()}
        clip = {key: stored["dataset"][key] for key in ("size", "frames")}
        compute = {key: stored[key] for key in ("precision", "remat")}
        return cls(name=options.pop("name"), options=options, **clip, **compute)


@dataclass(frozen=True)
class OptimizerConfig(_Part):
    """Of both networks; ``boundaries`` are steps at which the rate is scaled.

    The gammas of attention learn ``gamma_rate`` times as fast as all else.
    """

    GROUP = "optimizer"
    name: str
    learning_rate: float
    b1: float
    b2: float
    boundaries: tuple[int, ...]
    scale: float
    gamma_rate: float = 1.0


@dataclass(frozen=True)
class ScheduleConfig(_Part):
    """How long, how often and on how many clips the networks are updated.

    The generator's update follows every ``n_critic`` of the discriminator's, counted anew after
    each ``critic_epoch`` of these (0: never). ``extra_power_iterations``: see ``training.gan``.
    ``updates``: of both networks in "turns", or "together" out of one pass.
    """

    num_steps: int
    n_critic: int
    batch_size: int
    micro_batches: int
    ema_decay: float
    critic_epoch: int = 0
    extra_power_iterations: int = 0
    updates: str = "turns"

    def programs(self, step: int) -> tuple[str, ...]:
        """What runs at a step, counted from 1: names of updates (``training.step.STEPS``)."""
        if self.updates == "together":
            return ("together",)
        return ("discriminator", "generator")[: 1 + self.updates_generator(step)]

    def updates_generator(self, step: int) -> bool:
        """Whether the generator is updated at a step: a discriminator update's number from 1."""
        count = (step - 1) % self.critic_epoch + 1 if self.critic_epoch else step
        return count % self.n_critic == 0

    def generator_updates(self, steps: int) -> int:
        """How many updates of the generator the first ``steps`` have."""
        return count_generator_updates(steps, self.n_critic, self.critic_epoch)


def count_generator_updates(steps: int, n_critic: int, critic_epoch: int = 0) -> int:
    """Of the first ``steps``: see ``ScheduleConfig``."""
    epochs, rest = divmod(steps, critic_epoch) if critic_epoch else (0, steps)
    return epochs * (critic_epoch // n_critic) + rest // n_critic


@dataclass(frozen=True)
class WarmStartConfig(_Part):
    """Which checkpoints a fresh run takes trained parts from; empty: none."""

    GROUP = "start_from"
    generator: str = ""
    discriminator: str = ""
    untrained: bool = False  # allow frozen parts as initialised


@dataclass(frozen=True)
class MeshConfig(_Part):
    """How devices are laid out, and which arrays are split over them."""

    axes: MeshAxes = field(default=(("data", -1),), metadata={"key": "mesh"})
    sharding_rules: ShardingRules = ()


@dataclass(frozen=True)
class NonFiniteConfig(_Part):
    """What a run does about a loss or gradient that is not finite, and how often in a row."""

    policy: str = field(default="stop", metadata={"key": "non_finite"})  # stop, skip, rollback
    limit: int = field(default=5, metadata={"key": "non_finite_limit"})


@dataclass(frozen=True)
class EvaluationConfig(_Part):
    """When and how the test split is scored during training; ``clips`` 0: all of it."""

    clips: int = field(metadata={"key": "eval_clips"})
    batch_size: int = field(metadata={"key": "eval_batch_size"})
    metrics: tuple[str, ...]
    every: int = field(default=0, metadata={"key": "eval_every"})  # 0: only at the end


@dataclass(frozen=True)
class WatchdogConfig(_Part):
    """After how many seconds without a sign of life a process is ended; 0: never."""

    step: float = field(default=900.0, metadata={"key": "watchdog"})
    start: float = field(default=7200.0, metadata={"key": "watchdog_start"})  # data, compilation
    evaluation: float = field(default=14400.0, metadata={"key": "watchdog_eval"})  # and samples


@dataclass(frozen=True)
class OutputConfig(_Part):
    """What a run writes, and how often, in steps."""

    log_every: int
    sample_every: int
    checkpoint_every: int
    keep_checkpoints: int
    tensorboard: str
    trackers: tuple[str, ...]


@dataclass(frozen=True)
class Config:
    """A whole configuration.

    Attributes:
      seed: of parameters, data order and every draw.
      generator_losses: name -> weight.
      discriminator_losses: name -> weight.
      extra: further keys (dotted) that nothing here reads: kept, and written back.
    """

    seed: int
    dataset: DatasetConfig
    generator: NetworkConfig
    discriminator: NetworkConfig
    generator_losses: Mapping[str, float]
    discriminator_losses: Mapping[str, float]
    optimizer: OptimizerConfig
    schedule: ScheduleConfig
    warm_start: WarmStartConfig
    mesh: MeshConfig
    evaluation: EvaluationConfig
    watchdog: WatchdogConfig
    output: OutputConfig
    non_finite: NonFiniteConfig = NonFiniteConfig()
    extra: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, config: Json) -> "Config":
        """Reads a whole configuration, of this version or an earlier one.

        Raises:
          KeyError, ValueError: if a key is missing that no earlier version went without; or for an
            option that data sets do not have.
        """
        found = cls(
            seed=config["seed"],
            dataset=DatasetConfig.from_json(config),
            generator=NetworkConfig.from_json(config, "generator"),
            discriminator=NetworkConfig.from_json(config, "discriminator"),
            generator_losses=dict(config["generator_losses"]),
            discriminator_losses=dict(config["discriminator_losses"]),
            optimizer=OptimizerConfig.from_json(config),
            schedule=ScheduleConfig.from_json(config),
            warm_start=WarmStartConfig.from_json(config),
            mesh=MeshConfig.from_json(config),
            evaluation=EvaluationConfig.from_json(config),
            watchdog=WatchdogConfig.from_json(config),
            output=OutputConfig.from_json(config),
            non_finite=NonFiniteConfig.from_json(config),
        )
        known = _flat(found.to_json())
        extra = {key: value for key, value in _flat(config).items() if key not in known}
        return replace(found, extra=extra)

    def to_json(self) -> dict[str, Any]:
        """The configuration as ``config.json`` and every checkpoint have it: sorted, no tuples."""
        tree = {
            "seed": self.seed,
            "precision": self.generator.precision,
            "remat": self.generator.remat,
            "generator_losses": self.generator_losses,
            "discriminator_losses": self.discriminator_losses,
        }
        for role in ("generator", "discriminator"):
            network: NetworkConfig = getattr(self, role)
            tree[role] = {"name": network.name, **network.options}
        for part in vars(self).values():
            if isinstance(part, _Part):
                tree |= part.to_json()
        tree = unflatten_dict({**_flat(tree), **self.extra}, sep=".")
        return json.loads(json.dumps(tree, sort_keys=True))


def as_tuples(value: Any) -> Any:
    """Lists, as JSON has them, and those within, as tuples."""
    return tuple(map(as_tuples, value)) if isinstance(value, list | tuple) else value


def _key(part: Field) -> str:
    return part.metadata.get("key", part.name)


def _flat(tree: Json) -> dict[str, Any]:
    return flatten_dict(tree, keep_empty_nodes=True, sep=".")
