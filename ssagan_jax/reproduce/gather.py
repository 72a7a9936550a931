"""Reads what the runs of a table left in their workdirs; scores checkpoints without results."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssagan_jax.checkpoints.finding import FOLDER, find_checkpoint
from ssagan_jax.config.resolution import CONFIG, resolve
from ssagan_jax.evaluation import api
from ssagan_jax.evaluation.api import WITHOUT
from ssagan_jax.evaluation.clip_table import find_clip_table
from ssagan_jax.evaluation.results import check_same_protocol, read_results
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.text_files import read_json
from ssagan_jax.reproduce import plan, training
from ssagan_jax.reproduce.tables import DRAWS, Row
from ssagan_jax.training import workdirs


@dataclass(frozen=True)
class Run:
    """One workdir's results, and what is known of how they came about.

    Their ``prediction`` are the scores that the row shows.
    """

    workdir: AnyPath
    seed: int | None  # of a row with several runs
    path: AnyPath  # where the results are
    results: Mapping
    record: Mapping


@dataclass(frozen=True)
class Gathered:
    """A row and its runs, one for each seed; none if it was not run, or why they are no use."""

    row: Row
    runs: Sequence[Run]
    problem: str = ""

    def scores(self, of: str = "prediction") -> list[Mapping]:
        """The row of results of every run: ``prediction`` or ``still``."""
        return [run.results["rows"][of] for run in self.runs]


def gather_runs(rows: Sequence[Row], options: plan.Options) -> list[Gathered]:
    """Every row with the results that its folder holds.

    A row whose results are damaged, cannot be computed, or were obtained by different protocols
    has none, and says why.
    """
    return [_row(row, options) for row in rows]


def _row(row: Row, options: plan.Options) -> Gathered:
    try:
        return Gathered(row, _runs(row, options))
    except (ValueError, ImportError, OSError) as error:
        return Gathered(row, (), problem=str(error))


def _runs(row: Row, options: plan.Options) -> list[Run]:
    folders = _folders(options.workdirs / row.folder, several=options.seeds > 1)
    found = [_read(folder, seed, row, options) for seed, folder in folders]
    runs = [_show(row, run) for run in found if run is not None]
    for run in runs[1:]:
        names = (str(runs[0].workdir), str(run.workdir))
        check_same_protocol(runs[0].results, run.results, names=names)
    return runs


def _folders(home: AnyPath, *, several: bool) -> list[tuple[int | None, AnyPath]]:
    """Those of a row's seeds, in order, or its only one: ROW itself, if a run lies there."""
    names = [(re.fullmatch(r"seed(\d+)", path.name), path) for path in home.glob("seed*")]
    seeds: list[tuple[int | None, AnyPath]]
    seeds = sorted((int(match[1]), path) for match, path in names if match)
    alone = (home / "results.json").exists() or _latest(home) is not None
    return seeds if seeds and (several or not alone) else [(None, home)]


def _show(row: Row, run: Run) -> Run:
    """A run with the scores that a row shows as its prediction.

    The row says by its label which wind they are of, so the protocol need not: models with wind
    and without can stand in one table.

    Raises:
      ValueError: if the run was scored without.
    """
    if not row.shows:
        return run
    scores = _find_scores(row.shows, run.results)
    if scores is None:
        raise ValueError(f"{run.workdir} was scored without {row.shows}. Score it again.")
    results = {
        "protocol": {k: v for k, v in run.results["protocol"].items() if k != "winds"},
        "rows": {"prediction": scores, "still": run.results["rows"]["still"]},
        **({"real": run.results["real"]} if "real" in run.results else {}),
    }
    if row.shows == "draws_mean":
        results["draws"] = run.results["draws"]  # whose best stands beside it in the front
    return dataclasses.replace(run, results=results)


def _find_scores(shows: str, results: Mapping) -> Mapping | None:
    draws = results.get("draws", {})
    named = {f"draws_{key}": draws.get(key) for key in ("mean", "best")}
    return {**results["rows"], **named}.get(shows)


def _read(workdir: AnyPath, seed: int | None, row: Row, options: plan.Options) -> Run | None:
    kind = "running" if row.is_bound else options.statistics  # bounds have no network
    path, latest = workdir / plan.RESULTS[kind], _latest(workdir)
    results = read_results(path) if path.exists() else None
    if latest is not None and _outdated(results, path, latest, row, options.metrics):
        print(f"{workdir}: scoring its latest checkpoint by {kind} statistics")
        results = _score(workdir, kind, row, options.metrics)
    record = training.read_record(workdir)
    return None if results is None else Run(workdir, seed, path, results, record)


def _outdated(
    results: Mapping | None, path: AnyPath, latest: int, row: Row, metrics: Sequence[str]
) -> bool:
    """Whether results lack what was asked for, or are of an earlier checkpoint or version."""
    if results is None or not find_clip_table(path).exists():
        return True
    if not set(metrics) <= _perceptual(results):
        return True
    if row.shows and _find_scores(row.shows, results) is None:
        return True
    step = results["protocol"].get("step")
    return isinstance(step, int) and step < latest


def _perceptual(results: Mapping) -> set[str]:
    return set(next(iter(results["rows"].values())).get("perceptual", ()))


def _latest(workdir: AnyPath) -> int | None:
    """The step of the latest checkpoint; None if the run has not come to its first one."""
    if not (workdir / FOLDER).is_dir():
        return None
    try:
        return int(find_checkpoint(workdir).name)
    except FileNotFoundError:
        return None


def _score(workdir: AnyPath, kind: str, row: Row, metrics: Sequence[str]) -> dict:
    """Scores a run anew as it was scored before, or as it scores itself, and by what was asked."""
    paths = [workdir / plan.RESULTS[name] for name in dict.fromkeys([kind, "running"])]
    results = next((read_results(path) for path in paths if path.exists()), None)
    before = results["protocol"] if results else {}
    asked = {key: before[key] for key in ("statistics", "draws") if key in before}
    if kind != "running":
        asked |= {"statistics": kind, "output": str(paths[0])}
    if row.shows.startswith("draws"):
        asked["draws"] = DRAWS
    if row.shows == WITHOUT or (results and WITHOUT in results["rows"]):
        asked["without_attention"] = True
    if results and "clips" in before:
        asked["clips"] = before["clips"]
    wanted = dict.fromkeys([*(_perceptual(results) if results else ()), *metrics])
    if wanted:
        asked["metrics"] = tuple(wanted)
    return api.evaluate_checkpoint(str(workdir), **asked)


def find_mismatch(gathered: Gathered, options: plan.Options) -> str:
    """In what a row's runs were trained otherwise than this command would; empty if in nothing.

    Without a data set among the options, any will do. Only rows that are trained themselves.
    """
    for run in gathered.runs if gathered.row.config else ():
        path = run.workdir / CONFIG
        if not path.exists():
            return f"{run.workdir} does not say how it was trained"
        stored = read_json(path)
        try:
            planned = plan.make_plan(gathered.row, _with_data(options, stored), seed=run.seed)
            resolved = resolve(planned.config())
            workdirs.check_workdir(run.workdir, resolved.to_json())
        except (ValueError, OSError) as error:
            return str(error)
        step = run.results["protocol"].get("step")
        if isinstance(step, int) and step < resolved.schedule.num_steps:
            return f"{run.workdir} stands at step {step} of {resolved.schedule.num_steps}"
    return ""


def _with_data(options: plan.Options, stored: Mapping) -> plan.Options:
    if options.data_dir or options.dataset:
        return options
    return dataclasses.replace(options, dataset=stored.get("dataset", {}).get("name", ""))


def name_protocols(gathered: Sequence[Gathered]) -> dict[str, Mapping]:
    """{"A": the results of the first row scored so, "B": ...}: one letter for each protocol."""
    kinds: dict[str, Mapping] = {}
    for found in gathered:
        if found.runs and find_protocol(found, kinds) is None:
            kinds[chr(ord("A") + len(kinds))] = found.runs[0].results
    return kinds


def find_protocol(found: Gathered, kinds: Mapping[str, Mapping]) -> str | None:
    """The letter of the protocol that a row was scored by; None for a row without runs."""
    for name, results in kinds.items() if found.runs else ():
        try:
            check_same_protocol(results, found.runs[0].results)
        except ValueError:
            continue
        return name
    return None
