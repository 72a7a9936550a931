"""Tables that were put together before, read back from their CSV files."""

import csv
from collections.abc import Mapping
from pathlib import Path

from ssagan_jax.config import loading
from ssagan_jax.reproduce.columns import MEDIANS, METRICS
from ssagan_jax.reproduce.gather import Gathered, Run
from ssagan_jax.reproduce.scores_table import POSTER, UNKNOWN
from ssagan_jax.reproduce.tables import Row

STILL = "in every run"  # in the column of folders


def find_table(name: str) -> Path:
    """The CSV file of a table under ``docs/results``: ``small_cloud``.

    Raises:
      FileNotFoundError: if there is none, or no checkout around the package.
    """
    folder = loading.folder().parent / "docs" / "results"
    path = folder / f"{name}.csv"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.csv")))
        raise FileNotFoundError(f'No table "{name}" among the results. There are: {known}.')
    return path


def read_table(path: Path) -> list[Gathered]:
    """The rows of a table as ``gather_runs`` has them, from a CSV of ``ssagan reproduce``.

    Of the protocols it knows letters only; the files of the runs, and their curves, are not there.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: if it holds something else.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. ssagan reproduce writes such files.")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    if not lines or not {"label", "name", "protocol", "clip"} <= lines[0].keys():
        raise ValueError(f"{path} is no table: expected the CSV file of ssagan reproduce.")
    still = {line["protocol"]: _scores(line) for line in lines if line["name"] == STILL}
    return [_gathered(line, still) for line in lines if line["name"] != STILL]


def _gathered(line: Mapping[str, str], still: Mapping[str, Mapping]) -> Gathered:
    known = "" if line["protocol"] == UNKNOWN else "known"
    quoted = {key: _number(line.get(f"poster_{key}")) for key in POSTER}
    poster = {key: value for key, value in quoted.items() if value is not None}
    row = Row(line["name"], line["label"], known, poster=poster)
    if line["protocol"] not in still or _number(line["author_mse"]) is None:
        return Gathered(row, ())
    protocol = {"scored as": line["protocol"], "clip": line["clip"].split(" x ")}
    rows = {"prediction": _scores(line), "still": still[line["protocol"]]}
    folder = Path(line["name"])
    run = Run(folder, None, folder / "results.json", {"protocol": protocol, "rows": rows}, {})
    return Gathered(row, (run,))


def _scores(line: Mapping[str, str]) -> dict:
    """A line as a row of results has it: groups of metrics, their intervals and quartiles."""
    row: dict = {"interval": {}, "quartiles": {}}
    for key, (group, name, *_) in METRICS.items():
        value = _number(line.get(key))
        ends = [_number(line.get(key + x)) for x in ("_low", "_high")]
        if value is None and line.get(key) != "undefined":
            continue
        row.setdefault(group, {})[name] = value
        if None not in ends:
            kind = "quartiles" if key in MEDIANS else "interval"
            row[kind].setdefault(group, {})[name] = ends
    return row


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:  # "not run", "none", "not on the poster"
        return None
