"""Trains the rows of a table, one after the other; one that fails does not stop the others."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import jax

from ssagan_jax.config.resolution import resolve
from ssagan_jax.evaluation.results import read_results
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.reproduce import plan, provenance
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
    """Trains what is missing, in the rows' order, each seed of a row in turn."""
    runs = [(row, seed) for row in rows if row.config for seed in options.runs]
    outcome = Outcome()
    for number, (row, seed) in enumerate(runs, 1):
        folder = options.folder(row.name, seed)
        title = f"[{number}/{len(runs)}] {folder.relative_to(options.workdirs)}"
        try:
            finished = _train_one(row, options, seed, title)
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


def _train_one(row: Row, options: plan.Options, seed: int | None, title: str) -> bool:
    """Trains one run unless it is there; False if a signal stopped it."""
    planned = plan.make_plan(row, options, seed=seed)
    config = planned.config()
    resolved = resolve(config)
    workdirs.check_workdir(planned.workdir, resolved.to_json())
    if _done(planned.workdir, resolved.schedule.num_steps):
        print(f"{title}: trained already")
        return True
    print(f"{title}: {planned.command}", flush=True)
    started = time.time()
    finished = train(config, planned.workdir) is not None
    _record(planned, time.time() - started)
    return finished


def _done(workdir: AnyPath, steps: int) -> bool:
    """Whether the results there are those of a whole training."""
    path = workdir / "results.json"
    step = read_results(path)["protocol"].get("step") if path.exists() else None
    return isinstance(step, int) and step >= steps


def _record(planned: plan.Plan, seconds: float) -> None:
    before = read_record(planned.workdir).get("seconds", 0)
    record = {
        "command": planned.command,
        "hardware": provenance.describe_hardware(),
        "code": provenance.describe_commit(),
        "seconds": round(before + seconds),
    }
    with replacing(planned.workdir / RECORD) as partial:
        partial.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_record(workdir: AnyPath) -> dict:
    """What was noted of a run's training; empty if it was trained by another command."""
    path = workdir / RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
