"""Trains the rows of a table, one after the other; one that fails does not stop the others."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import jax

from ssagan_jax.config.resolution import CONFIG, resolve
from ssagan_jax.evaluation.results import read_results
from ssagan_jax.io import provenance
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.text_files import read_json
from ssagan_jax.reproduce import bounds, plan
from ssagan_jax.reproduce.tables import Row
from ssagan_jax.training import workdirs
from ssagan_jax.training.loop import train

RECORD = "reproduce.json"  # in a run's workdir: its command, machine, code and time


@dataclass
class Outcome:
    """What became of the rows: reasons by run, and whether a signal stopped the whole."""

    failed: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


def train_rows(rows: Sequence[Row], options: plan.Options) -> Outcome:
    """Trains what is missing, in the rows' order, each seed of a row in turn; computes bounds."""
    runs = [(row, seed) for row in rows if row.config for seed in options.runs]
    runs += [(row, None) for row in rows if row.is_bound]
    outcome = Outcome()
    for number, (row, seed) in enumerate(runs, 1):
        folder = options.folder(row.name, seed)
        title = f"[{number}/{len(runs)}] {folder.relative_to(options.workdirs)}"
        try:
            finished = _make_one(row, options, seed, title)
        except Exception as error:  # whatever it is, the other rows can still be trained
            reason = f"{type(error).__name__}: {error}"
            outcome.failed[str(folder.relative_to(options.workdirs))] = reason
            print(f"{title}: failed. {reason}", flush=True)
            continue
        finally:
            jax.clear_caches()  # the next row has other programs
        if not finished:
            outcome.stopped = True
            break
    return outcome


def _make_one(row: Row, options: plan.Options, seed: int | None, title: str) -> bool:
    """Trains or computes one run unless it is there; False if a signal stopped it."""
    if row.is_bound:
        started = time.time()
        done = bounds.score_missing_bounds(options.folder(row.name, None), options)
        print(f"{title}: {'computed' if done else 'computed already'}", flush=True)
        if done:
            _record(options.folder(row.name, None), bounds.HOW, time.time() - started)
        return True
    planned = plan.make_plan(row, options, seed=seed)
    config = planned.config()
    resolved = resolve(config)
    workdirs.check_workdir(planned.workdir, resolved.to_json())
    if _done(planned.workdir, resolved.schedule.num_steps):
        print(f"{title}: trained already")
        return True
    if row.starts_from:
        _check_trained(options.folder(row.starts_from, seed), row.starts_from)
    print(f"{title}: {planned.command}", flush=True)
    started = time.time()
    finished = train(config, planned.workdir) is not None
    _record(planned.workdir, planned.command, time.time() - started)
    return finished


def _check_trained(workdir: AnyPath, name: str) -> None:
    """Raises ValueError unless the run that another one starts from has come to its end."""
    path = workdir / CONFIG
    if not path.exists() or not _done(workdir, read_json(path)["num_steps"]):
        raise ValueError(
            f"It starts from {workdir}, which is not trained to its end. Train that first: "
            f"--rows={name}."
        )


def _done(workdir: AnyPath, steps: int) -> bool:
    """Whether the results there are those of a whole training."""
    path = workdir / "results.json"
    step = read_results(path)["protocol"].get("step") if path.exists() else None
    return isinstance(step, int) and step >= steps


def _record(workdir: AnyPath, command: str, seconds: float) -> None:
    before = read_record(workdir).get("seconds", 0)
    record = {
        "command": command,
        "hardware": provenance.describe_hardware(),
        "code": provenance.describe_commit(),
        "seconds": round(before + seconds),
    }
    with replacing(workdir / RECORD) as partial:
        partial.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_record(workdir: AnyPath) -> dict:
    """What was noted of a run's training; empty if it was trained by another command."""
    path = workdir / RECORD
    return read_json(path) if path.exists() else {}
