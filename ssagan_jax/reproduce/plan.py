"""From a row of a table to the command that trains it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_collections import ConfigDict

from ssagan_jax.config import loading
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.reproduce import budgets
from ssagan_jax.reproduce.tables import Row

DATASETS = {"beach": "tiny_videos"}  # the others: sky
RESULTS = {"running": "results.json", "batch": "results_batch.json"}  # in a run's workdir


@dataclass(frozen=True)
class Options:
    """What ``ssagan reproduce`` was asked for; see its ``--help``."""

    table: str
    workdirs: AnyPath
    budget: str = "small"
    data_dir: str = ""
    dataset: str = ""
    seeds: int = 1
    steps: int = 0
    metrics: tuple[str, ...] = ()
    statistics: str = "running"  # what batch normalisation uses where runs are scored
    overrides: tuple[str, ...] = ()  # --config.key=value, for every row that has the key

    def __post_init__(self):
        budgets.list_arguments(self.budget, {})  # refuses an unknown one
        for name, least in (("seeds", 1), ("steps", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"--{name} is {getattr(self, name)}; expected {least} or more.")
        if self.statistics not in RESULTS:
            raise ValueError(
                f'Unknown --statistics="{self.statistics}". Known: {", ".join(RESULTS)}.'
            )

    @property
    def title(self) -> str:
        """The table's name, with the statistics if they are not the usual ones."""
        return self.table if self.statistics == "running" else f"{self.table}_{self.statistics}"

    @property
    def clips(self) -> str:
        """The data set: as asked; else the table's if there is a folder of data, or synthetic."""
        return self.dataset or (DATASETS.get(self.table, "sky") if self.data_dir else "synthetic")

    @property
    def runs(self) -> list[int | None]:
        """The seeds of each row; None stands for a row's only run."""
        return list(range(self.seeds)) if self.seeds > 1 else [None]

    def folder(self, row: str, seed: int | None) -> AnyPath:
        """The workdir of one run: WORKDIRS/ROW, or WORKDIRS/ROW/seedK if there are several."""
        home = self.workdirs / row
        return home if seed is None else home / f"seed{seed}"


@dataclass(frozen=True)
class Plan:
    """One training: ``ssagan train --config=SPEC --workdir=WORKDIR OVERRIDES``."""

    spec: str
    overrides: Sequence[str]
    workdir: AnyPath

    @property
    def command(self) -> str:
        """What to type."""
        return budgets.format_command(self.spec, self.overrides, self.workdir)

    def config(self) -> ConfigDict:
        """What ``train`` is given."""
        return loading.load(self.spec, self.overrides)


def check_overrides(rows: Sequence[Row], options: Options) -> None:
    """Refuses an override that no row of the table could use.

    Raises:
      ValueError: naming it.
    """
    configs = [loading.load(row.config) for row in rows if row.config]
    for override in options.overrides:
        if not any(budgets.fits_config(override, found) for found in configs):
            raise ValueError(
                f"{override}: no row of the table {options.table} has this key. "
                "The keys: configs/common.py."
            )


def make_plan(row: Row, options: Options, *, seed: int | None = None) -> Plan:
    """The training of one row with one of ``options.runs``.

    Raises:
      FileNotFoundError: if the row's config file is missing.
      ValueError: if that refuses the row's arguments or overrides.
    """
    given = budgets.list_arguments(options.budget, row.arguments)
    arguments = budgets.join_arguments({"dataset": options.clips} | given)
    spec = f"{row.config}:{arguments}"
    base = loading.load(spec)
    extra = budgets.list_overrides(
        options.budget, base, row.arguments, steps=options.steps, length=row.length
    )
    extra += [*row.overrides, *(x for x in options.overrides if budgets.fits_config(x, base))]
    if options.metrics:
        extra.append(f"--config.metrics={options.metrics}")
    if options.data_dir:
        extra.append(f"--config.dataset.data_dir={options.data_dir}")
    if seed:
        extra.append(f"--config.seed={seed}")
    if row.starts_from:
        first = options.folder(row.starts_from, seed)
        extra.append(f"--config.start_from.generator={first}")
    return Plan(spec, tuple(extra), options.folder(row.name, seed))
