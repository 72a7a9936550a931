"""Full-state checkpoints with Orbax, and the generator alone out of one.

A checkpoint is a folder ``WORKDIR/checkpoints/STEP`` of named items: ``generator`` and
``discriminator`` (parameters and statistics; the generator's EMA too), ``training``
(optimizer states, step, key), ``data`` (position of the input pipeline) and ``config``. An
inference checkpoint has ``generator`` and ``config`` only.
"""

import contextlib
import hashlib
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
from orbax.checkpoint.checkpoint_managers import preservation_policy

from ssagan_jax.train.state import GanState, NetState, initialise, running

FOLDER = "checkpoints"
ARRAYS = ("generator", "discriminator", "training")


class Checkpoints:
    """The checkpoints of one workdir: the latest ones, and the best one besides.

    Args:
      workdir: of the run.
      keep: how many of the latest to keep.
    """

    def __init__(self, workdir: str | Path, *, keep: int = 2):
        policy = preservation_policy.AnyPreservationPolicy(
            [
                preservation_policy.LatestN(keep),
                preservation_policy.BestN(
                    get_metric_fn=lambda metrics: metrics["score"],
                    n=1,
                    keep_checkpoints_without_metrics=False,
                ),
            ]
        )
        options = ocp.CheckpointManagerOptions(
            preservation_policy=policy,
            best_fn=lambda metrics: metrics["score"],
            cleanup_tmp_directories=True,
        )
        self._folder = Path(workdir).resolve() / FOLDER
        handlers = {name: ocp.StandardCheckpointHandler() for name in ARRAYS}
        handlers |= {name: ocp.JsonCheckpointHandler() for name in ("data", "config")}
        self._manager = ocp.CheckpointManager(self._folder, options=options, item_handlers=handlers)

    @property
    def latest(self) -> int | None:
        """The newest complete step."""
        return self._manager.latest_step()

    @property
    def best(self) -> int | None:
        """The kept step with the highest score, or None before the first evaluation."""
        return self._manager.best_step()

    def save(
        self,
        step: int,
        state: GanState,
        *,
        data: Mapping,
        config: Mapping,
        score: float | None = None,
    ):
        """Starts writing a checkpoint; training goes on meanwhile.

        Args:
          data: the input pipeline's position (JSON).
          config: the resolved config (JSON).
          score: of an evaluation at this step, higher is better.
        """
        items = {name: ocp.args.StandardSave(tree) for name, tree in to_items(state).items()}
        items |= {"data": ocp.args.JsonSave(dict(data)), "config": ocp.args.JsonSave(dict(config))}
        metrics = None if score is None else {"score": score}
        with self._explaining_full_disk():
            self._manager.save(step, args=ocp.args.Composite(**items), metrics=metrics)

    def restore(self, step: int, state: GanState) -> tuple[GanState, dict[str, Any]]:
        """The state at ``step``, and the input pipeline's position.

        Args:
          state: an abstract state (shapes, dtypes, shardings) to restore into.

        Raises:
          ValueError: if the checkpoint holds other arrays, listing the differences.
        """
        wanted = to_items(state)
        found = self._manager.item_metadata(step)
        _refuse_without_training(self._folder / str(step), found.keys())
        for name in ARRAYS:
            refuse_difference(f"{FOLDER}/{step}/{name}", wanted[name], found[name].tree)
        items = {name: ocp.args.StandardRestore(tree) for name, tree in wanted.items()}
        items["data"] = ocp.args.JsonRestore()
        restored = self._manager.restore(step, args=ocp.args.Composite(**items))
        return from_items({name: restored[name] for name in ARRAYS}), restored["data"]

    def wait(self):
        """Until everything is on disk.

        Raises:
          OSError: if the disk is full (as ``save`` does, for the checkpoint before).
        """
        with self._explaining_full_disk():
            self._manager.wait_until_finished()

    def close(self):
        """Releases Orbax's threads; ``wait`` first."""
        self._manager.close()

    @contextlib.contextmanager
    def _explaining_full_disk(self):
        try:
            yield
        except (ValueError, OSError) as error:
            if "No space left" not in str(error):
                raise
            raise OSError(
                f"The disk is full: a checkpoint could not be written to {self._folder}. Those "
                f"before it are whole (latest: {self.latest}). Free some space, then run the same "
                "command again."
            ) from error


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


def load_generator(path: str | Path) -> tuple[dict, dict, dict]:
    """The generator of a workdir's latest checkpoint, or of one checkpoint folder.

    Uses the EMA of parameters and running statistics where the run kept one.

    Returns:
      config: the resolved config.
      variables: what ``build.generator(config).apply`` takes, as NumPy arrays.
      info: ``path``, ``step`` and ``hash`` (SHA-256 over the variables).

    Raises:
      FileNotFoundError: if there is no checkpoint, saying what was looked for.
      ValueError: if its arrays are not those of its config's model, listing the differences.
    """
    from ssagan_jax import build

    folder = find(path)
    config = _read_config(folder)
    module = build.generator(config)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        found = _tree(checkpointer, folder, "generator")
        refuse_difference(str(folder), _expected(module, averages=found.keys()), found)
        item = _as_numpy(checkpointer, folder / "generator", found)
    params, stats = _inference(item)
    variables = {"params": params, **stats}
    return config, variables, {"path": str(folder), "step": folder.name, "hash": digest(variables)}


def save_network(
    workdir: str | Path, role: str, variables: Mapping[str, Any], *, config: Mapping
) -> Path:
    """Writes a checkpoint, at step 0, of one network alone.

    Args:
      workdir: of a run that is not there yet.
      role: ``generator`` (an inference checkpoint) or ``discriminator``.
      variables: what the module's ``apply`` takes.
      config: the part of a resolved config that its readers need.

    Returns:
      The checkpoint's folder.

    Raises:
      ValueError: if the workdir has checkpoints already.
    """
    folder = Path(workdir).resolve() / FOLDER / "0"
    if folder.parent.is_dir() and any(folder.parent.iterdir()):
        raise ValueError(f"{folder.parent} holds checkpoints already. Choose another folder.")
    stats = {name: tree for name, tree in variables.items() if name != "params"}
    items = {
        role: ocp.args.StandardSave({"params": variables["params"], "stats": stats}),
        "config": ocp.args.JsonSave(dict(config)),
    }
    with ocp.Checkpointer(ocp.CompositeCheckpointHandler(*items)) as checkpointer:
        checkpointer.save(folder, ocp.args.Composite(**items))
    return folder


def load_network(path: str | Path, role: str) -> tuple[dict, dict, str]:
    """One network of a workdir's latest checkpoint, or of one checkpoint folder.

    Args:
      role: ``generator`` or ``discriminator``.

    Returns:
      ``params`` (the generator's are the averaged ones where the run kept an average, as in
      ``load_generator``) and ``stats``, as NumPy arrays; the network's options, as its config
      has them; the checkpoint's folder.

    Raises:
      FileNotFoundError: if there is no checkpoint that has it, saying what was looked for.
      ValueError: if it cannot be read.
    """
    folder = find(path, item=role)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        found = _tree(checkpointer, folder, role)
        item = _as_numpy(checkpointer, folder / role, found)
    params, stats = _inference(item)
    return {"params": params, "stats": stats}, _read_config(folder).get(role, {}), str(folder)


def can_go_on(workdir: str | Path) -> bool:
    """Whether there is a checkpoint that a run in this workdir goes on from.

    Raises:
      ValueError: if training cannot go on from the latest one (an imported network's).
    """
    latest = _latest(Path(workdir).resolve())
    if latest:
        _refuse_without_training(latest, {path.name for path in latest.iterdir()})
    return latest is not None


def find(path: str | Path, *, item: str = "generator") -> Path:
    """The checkpoint folder with ``item`` that ``path`` means: a workdir, or one that also has
    a ``config``.
    """
    path = Path(path).resolve()
    if latest := _latest(path, item):
        return latest
    if (path / item).is_dir() and (path / "config").is_dir():
        return path
    raise FileNotFoundError(
        f"No checkpoint in {path}: expected {FOLDER}/STEP/{item} there. Train one with "
        f"`ssagan train --config=configs/quickstart.py --workdir={path}`."
    )


def _latest(workdir: Path, item: str = "") -> Path | None:
    """The folder of the workdir's latest step (that has an item), if there is one."""
    steps = [p for p in (workdir / FOLDER).glob("*") if p.name.isdigit() and (p / item).is_dir()]
    return max(steps, key=lambda step: int(step.name), default=None)


def _refuse_without_training(folder: Path, items: Collection[str]):
    missing = {*ARRAYS, "data"} - set(items)
    if missing:
        raise ValueError(
            f"{folder} has no {', '.join(sorted(missing))}: it can be animated and evaluated, "
            "but not trained further. Choose another --workdir; a new run there takes this one's "
            "networks by config.start_from."
        )


def digest(tree) -> str:
    """SHA-256 over names, shapes and bytes of every array."""
    sha = hashlib.sha256()
    for name, leaf in sorted(_named(tree).items()):
        array = np.asarray(leaf)
        sha.update(f"{name} {array.shape} {array.dtype}".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


def refuse_difference(where: str, wanted, found):
    """Compares names and shapes of two trees.

    Raises:
      ValueError: listing what is missing, unknown or of another shape.
    """
    if shown := differences(wanted, found):
        raise ValueError(
            f"The checkpoint {where} is of another model than its config describes:\n{shown}\n"
            "Use the config it was trained with, or another workdir."
        )


def differences(wanted, found) -> str:
    """What is missing, unknown or of another shape, a line each, twenty at most; or nothing."""
    wanted, found = (
        {name: tuple(leaf.shape) for name, leaf in _named(tree).items()} for tree in (wanted, found)
    )
    lines = [f"  missing: {name} {wanted[name]}" for name in sorted(wanted.keys() - found.keys())]
    lines += [f"  unknown: {name} {found[name]}" for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        if wanted[name] != found[name]:
            lines.append(f"  shape: {name} is {found[name]}, expected {wanted[name]}")
    return "\n".join(lines[:20] + ([f"  and {len(lines) - 20} more"] if lines[20:] else []))


def _inference(item: Mapping) -> tuple[dict, dict]:
    """Parameters and other collections of a network's item: averages where there are any."""
    return item.get("ema", item["params"]), {**item["stats"], **item.get("ema_stats", {})}


def _expected(module, *, averages: Collection[str]) -> dict:
    """The ``generator`` item of this module's checkpoints, abstract, with those averages."""
    frame = jax.ShapeDtypeStruct((1, module.size, module.size, 3), jnp.float32)
    params, stats = jax.eval_shape(partial(initialise, module), jax.random.key(0), frame)
    known = {"ema": params, "ema_stats": running(stats)}
    kept = {name: tree for name, tree in known.items() if name in averages}
    return {"params": params, "stats": stats, **kept}


def _named(tree) -> dict[str, Any]:
    """Leaves by path: ``params/down1/Conv_0/kernel``."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in leaves}


def _read_config(folder: Path) -> dict:
    try:
        with ocp.Checkpointer(ocp.JsonCheckpointHandler()) as checkpointer:
            return checkpointer.restore(folder / "config")
    except (ValueError, OSError) as error:
        raise ValueError(f"{folder} is not a checkpoint of ssagan: no readable config.") from error


def _as_numpy(checkpointer, folder: Path, tree) -> dict:
    """The arrays of an item with these names."""
    as_numpy = jax.tree.map(lambda _: ocp.RestoreArgs(restore_type=np.ndarray), tree)
    return checkpointer.restore(folder, restore_args=as_numpy)


def _tree(checkpointer, folder: Path, item: str):
    """The names and shapes of an item."""
    try:
        return checkpointer.metadata(folder / item).item_metadata.tree
    except (ValueError, OSError, LookupError, AttributeError) as error:
        raise ValueError(
            f"{folder}/{item} cannot be read: it is damaged, or was not written by ssagan. "
            "Use another checkpoint."
        ) from error
