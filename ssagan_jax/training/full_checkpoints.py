"""Full-state checkpoints of a run, with Orbax.

A checkpoint is a folder ``WORKDIR/checkpoints/STEP`` of named items: ``generator`` and
``discriminator`` (parameters and statistics; the generator's EMA too), ``training``
(optimizer states, step, key), ``data`` (position of the input pipeline) and ``config``. One
network out of it: ``ssagan_jax.checkpoints.networks``. Its manifest (``io.manifests``) is written
once Orbax has finished it; of a run that was killed in between, that checkpoint counts as one
without a manifest.
"""

import contextlib
import dataclasses
import math
import os
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import orbax.checkpoint as ocp
from orbax.checkpoint.checkpoint_managers import preservation_policy

from ssagan_jax.checkpoints.array_trees import refuse_non_finite
from ssagan_jax.checkpoints.finding import FOLDER, list_steps, refuse_damaged
from ssagan_jax.checkpoints.networks import naming_damage, refuse_difference
from ssagan_jax.checkpoints.scores import best_of, read_scores, write_scores
from ssagan_jax.distributed import processes
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.training.echoes import hide_echoes
from ssagan_jax.training.state import GanState, NetState

ARRAYS = ("generator", "discriminator", "training")


class Checkpoints:
    """The checkpoints of one workdir: the latest ones, and the best one besides.

    Args:
      workdir: of the run.
      keep: how many of the latest to keep.
    """

    def __init__(self, workdir: str | os.PathLike, *, keep: int = 2):
        self._folder = paths.resolved(workdir) / FOLDER
        self._scores = read_scores(self._folder)
        policy = preservation_policy.AnyPreservationPolicy(
            [preservation_policy.LatestN(keep), _KeepBest(self._scores)]
        )
        options = ocp.CheckpointManagerOptions(
            preservation_policy=policy, cleanup_tmp_directories=True
        )
        handlers = {name: ocp.StandardCheckpointHandler() for name in ARRAYS}
        handlers |= {name: ocp.JsonCheckpointHandler() for name in ("data", "config")}
        self._manager = ocp.CheckpointManager(self._folder, options=options, item_handlers=handlers)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="manifest")
        self._manifest: Future | None = None  # of the save under way, on the primary process
        self._failed = False
        hide_echoes()

    @property
    def latest(self) -> int | None:
        """The newest complete step."""
        return self._manager.latest_step()

    @property
    def best(self) -> int | None:
        """The kept step with the highest score, or None before the first evaluation."""
        return best_of(self._scores, self._manager.all_steps())

    def is_scored(self, step: int) -> bool:
        """Whether a saved step's score is known."""
        return step in self._scores

    def save(
        self,
        step: int,
        state: GanState,
        *,
        data: Mapping,
        config: Mapping,
    ) -> None:
        """Starts writing a checkpoint, once that before it is done; training goes on meanwhile.

        Args:
          data: the input pipeline's position (JSON).
          config: the resolved config (JSON).
        """
        items = {name: ocp.args.StandardSave(tree) for name, tree in to_items(state).items()}
        items |= {"data": ocp.args.JsonSave(dict(data)), "config": ocp.args.JsonSave(dict(config))}
        self.wait()
        self._scores.pop(step, None)  # of another state of that number, which was put aside
        with self._explaining_full_disk():
            saving = self._manager.save(step, args=ocp.args.Composite(**items))
        if saving and processes.is_primary_process():
            self._manifest = self._thread.submit(self._write_manifest, step)

    def _write_manifest(self, step: int) -> None:
        self._manager.wait_until_finished()
        manifests.write_manifest(self._folder / str(step))

    def record_score(self, step: int, score: float) -> None:
        """Notes how well a saved step did: higher is better. The best one is kept.

        Called on all processes; the primary one writes the file. What is not finite says nothing.
        """
        if not math.isfinite(score):
            return
        self._scores[step] = score
        if processes.is_primary_process():
            write_scores(self._folder, self._scores)

    def restore(
        self, step: int, state: GanState, *, checked: bool = False
    ) -> tuple[GanState, dict[str, Any]]:
        """The state at ``step``, and the input pipeline's position.

        Args:
          state: an abstract state (shapes, dtypes, shardings) to restore into.
          checked: whether its bytes have just been, by ``damaged_checkpoints.put_damaged_aside``.

        Raises:
          ValueError: if the checkpoint holds other arrays, listing the differences; if it is
            damaged, or holds a number that is not finite.
        """
        wanted, folder = to_items(state), self._folder / str(step)
        if not checked:
            processes.run_on_primary_process(lambda: refuse_damaged(folder))
        with naming_damage(folder):
            found = self._manager.item_metadata(step)
        _refuse_without_training(folder, found.keys())
        for name in ARRAYS:
            with naming_damage(folder / name):
                tree = found[name].tree
            refuse_difference(f"{FOLDER}/{step}/{name}", wanted[name], tree)
        items = {name: ocp.args.StandardRestore(tree) for name, tree in wanted.items()}
        items["data"] = ocp.args.JsonRestore()
        with naming_damage(folder):
            restored = self._manager.restore(step, args=ocp.args.Composite(**items))
        arrays = {name: restored[name] for name in ARRAYS}
        processes.run_on_all_processes(lambda: refuse_non_finite(str(folder), arrays))
        return from_items(arrays), restored["data"]

    def wait(self) -> None:
        """Until everything is on disk.

        Raises:
          OSError: if the disk is full (as ``save`` does, for the checkpoint before).
        """
        pending, self._manifest = self._manifest, None
        with self._explaining_full_disk():
            self._manager.wait_until_finished()
            if pending:
                pending.result()

    def close(self) -> None:
        """Releases Orbax's threads; ``wait`` first. What has failed before is not raised again."""
        self._thread.shutdown()
        with contextlib.suppress(Exception) if self._failed else contextlib.nullcontext():
            self._manager.close()

    @contextlib.contextmanager
    def _explaining_full_disk(self):
        try:
            yield
        except (ValueError, OSError) as error:
            self._failed = True
            if "No space left" not in str(error):
                raise
            raise OSError(
                f"The disk is full: a checkpoint could not be written to {self._folder}. Those "
                f"before it are whole (latest: {self.latest}). Free some space, then run the same "
                "command again."
            ) from error


@dataclasses.dataclass
class _KeepBest(preservation_policy.PreservationPolicy):
    """Keeps the step with the best score so far."""

    scores: Mapping[int, float]

    def should_preserve(self, checkpoints, *, context):
        best = best_of(self.scores, [info.step for info in checkpoints])
        return [info.step == best for info in checkpoints]


def to_items(state: GanState) -> dict[str, dict]:
    """A state as the trees that a checkpoint's items hold."""
    generator = {"params": state.generator.params, "stats": state.generator.stats}
    if state.ema_params is not None:
        generator["ema"] = state.ema_params
    if state.ema_stats:
        generator["ema_stats"] = state.ema_stats
    discriminator = {"params": state.discriminator.params, "stats": state.discriminator.stats}
    optimizers = {"generator": state.generator, "discriminator": state.discriminator}
    training = {"optimizers": {name: net.opt_state for name, net in optimizers.items()}}
    training |= {"step": state.step, "rng": state.rng}
    return {"generator": generator, "discriminator": discriminator, "training": training}


def from_items(items: Mapping[str, Mapping]) -> GanState:
    """The inverse of ``to_items``."""
    nets, training = {}, items["training"]
    for name in ("generator", "discriminator"):
        item = items[name]
        nets[name] = NetState(item["params"], item["stats"], training["optimizers"][name])
    generator = items["generator"]
    return GanState(
        step=training["step"],
        rng=training["rng"],
        ema_params=generator.get("ema"),
        ema_stats=generator.get("ema_stats", {} if "ema" in generator else None),
        **nets,
    )


def can_resume(workdir: str | os.PathLike) -> bool:
    """Whether there is a checkpoint that a run in this workdir resumes from.

    Raises:
      ValueError: if training cannot go on from the latest one (an imported network's).
    """
    steps = list_steps(paths.resolved(workdir))
    if steps:
        _refuse_without_training(steps[0], {path.name for path in steps[0].iterdir()})
    return bool(steps)


def _refuse_without_training(folder: AnyPath, items: Collection[str]) -> None:
    missing = {*ARRAYS, "data"} - set(items)
    if missing:
        raise ValueError(
            f"{folder} has no {', '.join(sorted(missing))}: it can be animated and evaluated, "
            "but not trained further. Choose another --workdir; a new run there takes this one's "
            "networks by config.start_from."
        )
