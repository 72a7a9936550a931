"""Reads what the runs of a table left in their workdirs; scores checkpoints without results."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ssagan_jax import evaluation_command
from ssagan_jax.checkpoints import FOLDER, find
from ssagan_jax.reproduce import plan, training
from ssagan_jax.reproduce.sheet import Value
from ssagan_jax.reproduce.tables import Row
from ssagan_jax.results import check_same_protocol, read_results
from ssagan_jax.train import workdirs

# Column -> where it is in a row of results (group, name), its heading, digits for people.
METRICS = {
    "author_mse": ("author", "mse", "MSE (author)", 4),
    "author_psnr": ("author", "psnr", "PSNR (author)", 2),
    "author_psnr_clip": ("author", "psnr_clip", "PSNR of clips (author)", 2),
    "author_ssim": ("author", "ssim", "SSIM (author)", 4),
    "standard_mse": ("standard", "mse", "MSE (standard)", 4),
    "standard_psnr": ("standard", "psnr", "PSNR (standard)", 2),
    "standard_ssim": ("standard", "ssim", "SSIM (standard)", 4),
    "energy_ratio": ("motion", "energy_ratio", "motion energy", 3),
    "lpips": ("perceptual", "lpips_alex", "LPIPS (AlexNet)", 4),
    "fvd": ("perceptual", "fvd", "FVD", 1),
}


@dataclass(frozen=True)
class Run:
    """One workdir's results, and what is known of how they came about."""

    workdir: Path
    results: Mapping
    record: Mapping


@dataclass(frozen=True)
class Gathered:
    """A row and its runs, one for each seed; none if it was not run."""

    row: Row
    runs: Sequence[Run]

    def scores(self, of: str = "prediction") -> list[Mapping]:
        """The row of results of every run: ``prediction`` or ``still``."""
        return [run.results["rows"][of] for run in self.runs]


def gather(rows: Sequence[Row], options: plan.Options) -> list[Gathered]:
    """Every row with the results that its folder holds.

    Raises:
      ValueError: if results of one row were obtained by different protocols, or are damaged.
    """
    return [Gathered(row, _runs(row, options)) for row in rows]


def _runs(row: Row, options: plan.Options) -> list[Run]:
    home = options.workdirs / row.name
    folders = sorted(home.glob("seed[0-9]*"), key=lambda path: (len(path.name), path.name)) or [
        home
    ]
    runs = [run for folder in folders if (run := _read(folder, options.metrics)) is not None]
    for run in runs[1:]:
        names = (str(runs[0].workdir), str(run.workdir))
        check_same_protocol(runs[0].results, run.results, names=names)
    return runs


def _read(workdir: Path, metrics: Sequence[str]) -> Run | None:
    path = workdir / "results.json"
    results = read_results(path) if path.exists() else None
    missing = results is None or not set(metrics) <= _perceptual(results)
    if missing and _has_checkpoint(workdir):
        print(f"{workdir}: scoring its latest checkpoint")
        results = _score(workdir, metrics)
    return None if results is None else Run(workdir, results, training.read_record(workdir))


def _perceptual(results: Mapping) -> set[str]:
    return set(results["rows"]["prediction"].get("perceptual", ()))


def _has_checkpoint(workdir: Path) -> bool:
    if not (workdir / FOLDER).is_dir():
        return False
    try:
        return bool(find(workdir))
    except FileNotFoundError:  # a run that has not come to its first one
        return False


def _score(workdir: Path, metrics: Sequence[str]) -> dict:
    """Scores the clips that the run itself scores, by the metrics asked for besides its own."""
    path = workdir / workdirs.CONFIG
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    asked = {"metrics": tuple(metrics)} if metrics else {}
    return evaluation_command.checkpoint(str(workdir), clips=stored.get("eval_clips", 0), **asked)


def value(scores: Sequence[Mapping], metric: str) -> Value | str:
    """A metric's mean over seeds with its range; of one seed, with the interval that is stored.

    Returns:
      "not run" where no result has it, "undefined" where a mean is over nothing.
    """
    group, name, _, digits = METRICS[metric]
    found = [score[group][name] for score in scores if name in score.get(group, {})]
    if not found:
        return "not run"
    if None in found:
        return "undefined"
    low, high = (min(found), max(found)) if len(found) > 1 else _interval(scores[0], group, name)
    return Value(sum(found) / len(found), low, high, digits)


def _interval(score: Mapping, group: str, name: str) -> tuple[float | None, float | None]:
    low, high = score.get("interval", {}).get(group, {}).get(name) or (None, None)
    return low, high


def mismatch(gathered: Gathered, options: plan.Options) -> str:
    """In what a row's runs were trained otherwise than this command would; empty if in nothing."""
    for run in gathered.runs:
        several = run.workdir.parent.name == gathered.row.name
        seed = int(run.workdir.name.removeprefix("seed")) if several else None
        if not (run.workdir / workdirs.CONFIG).exists():
            return f"{run.workdir} does not say how it was trained"
        try:
            planned = plan.make(gathered.row, options, seed=seed)
            resolved = workdirs.resolve(planned.config())
            workdirs.check(run.workdir, resolved)
        except (ValueError, OSError) as error:
            return str(error)
    return ""


def protocols(gathered: Sequence[Gathered]) -> dict[str, Mapping]:
    """{"A": the results of the first row scored so, "B": ...}: one letter for each protocol."""
    kinds: dict[str, Mapping] = {}
    for found in gathered:
        if found.runs and letter(found, kinds) is None:
            kinds[chr(ord("A") + len(kinds))] = found.runs[0].results
    return kinds


def letter(found: Gathered, kinds: Mapping[str, Mapping]) -> str | None:
    """Which of the protocols a row was scored by."""
    for name, results in kinds.items():
        try:
            check_same_protocol(results, found.runs[0].results)
        except ValueError:
            continue
        return name
    return None
