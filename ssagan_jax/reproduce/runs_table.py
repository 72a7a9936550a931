"""How each row came about: command, steps, time, machine, code."""

from collections.abc import Mapping, Sequence

from ssagan_jax.checkpoints.finding import find_checkpoint
from ssagan_jax.config.resolution import CONFIG
from ssagan_jax.config.schema import count_generator_updates
from ssagan_jax.io.text_files import read_json
from ssagan_jax.reproduce import plan
from ssagan_jax.reproduce.bounds import HOW
from ssagan_jax.reproduce.gather import Gathered, Run
from ssagan_jax.reproduce.scores_table import NOT_RUN, UNKNOWN
from ssagan_jax.viz.tables import Table

UNRECORDED = "not recorded"
COLUMNS = {
    "name": "folder",
    "seed": "seed",
    "parameters": "generator's parameters",
    "steps": "steps",
    "updates": "generator updates",
    "seconds": "training, s",
    "checkpoint": "checkpoint",
    "hardware": "machine",
    "code": "code",
    "command": "command",
}


def tabulate_runs(gathered: Sequence[Gathered], options: plan.Options) -> Table:
    """A line for each run, and for each row without one the command that would train it.

    Rows that show another row's run have no line.
    """
    lines = []
    for found in (x for x in gathered if not x.row.run):
        lines += [_line(found, run) for run in found.runs] or [_missing(found, options)]
    return Table(COLUMNS, lines)


def _generator_updates(config: Mapping, step: int) -> int:
    return count_generator_updates(step, config["n_critic"], config.get("critic_epoch", 0))


def _line(found: Gathered, run: Run) -> dict[str, str]:
    config, step = _config(run), run.results["protocol"].get("step")
    known = isinstance(step, int) and "n_critic" in config
    record = {key: str(run.record.get(key, UNRECORDED)) for key in COLUMNS}
    return record | {
        "name": f"{found.row.name}/{run.workdir.name}" if run.seed is not None else found.row.name,
        "seed": str(config.get("seed", UNRECORDED)),
        "parameters": _parameters(run),
        "steps": UNRECORDED if step is None else str(step),
        "updates": str(_generator_updates(config, step)) if known else UNRECORDED,
        "checkpoint": _checkpoint(run),
        "command": f"`{record['command']}`" if run.record else UNRECORDED,
    }


def _config(run: Run) -> Mapping:
    """The configuration that the run was trained with; empty if it was made otherwise."""
    path = run.workdir / CONFIG
    return read_json(path) if path.exists() else {}


def _parameters(run: Run) -> str:
    """The first total in ``parameters.txt``, which is the generator's."""
    path = run.workdir / "parameters.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    totals = [line.partition(":")[2].partition("--")[0] for line in lines if "Total:" in line]
    return totals[0].strip().removesuffix(".0") if totals else UNRECORDED


def _checkpoint(run: Run) -> str:
    try:
        return str(find_checkpoint(run.workdir))
    except FileNotFoundError:
        return "none kept"


def _missing(found: Gathered, options: plan.Options) -> dict[str, str]:
    if found.row.is_bound:
        return dict.fromkeys(COLUMNS, NOT_RUN) | {"name": found.row.name, "command": f"`{HOW}`"}
    if not found.row.config:
        return dict.fromkeys(COLUMNS, UNKNOWN) | {"name": found.row.name}
    try:
        command = f"`{plan.make_plan(found.row, options, seed=options.runs[0]).command}`"
    except (ValueError, OSError) as error:
        command = f"none: {error}"
    return dict.fromkeys(COLUMNS, NOT_RUN) | {"name": found.row.name, "command": command}
