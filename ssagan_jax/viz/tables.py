"""A table of words and numbers, as Markdown for people and as CSV for programs."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """A measured number.

    Attributes:
      mean: of all seeds.
      low, high: its interval (see the table's notes), or None where there is none.
      digits: after the point, for people.
    """

    mean: float
    low: float | None = None
    high: float | None = None
    digits: int = 4

    def __str__(self) -> str:
        text = f"{self.mean:.{self.digits}f}"
        if self.low is None or self.high is None:
            return text
        return f"{text} ({self.low:.{self.digits}f} to {self.high:.{self.digits}f})"


Cell = str | Value


@dataclass(frozen=True)
class Table:
    """Columns by key, with their headings, and one mapping from key to cell for each line."""

    columns: Mapping[str, str]
    lines: Sequence[Mapping[str, Cell]]

    def markdown(self) -> str:
        """A Markdown table."""
        rows = [list(self.columns.values()), ["---"] * len(self.columns)]
        rows += [
            [str(line[key]).replace("|", "\\|") for key in self.columns] for line in self.lines
        ]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def csv(self) -> str:
        """CSV with the keys as headings; a number with an interval has ``_low`` and ``_high``."""
        ranged = {
            key
            for line in self.lines
            for key, cell in line.items()
            if isinstance(cell, Value) and cell.low is not None
        }
        output = io.StringIO()
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow([name for key in self.columns for name in _names(key, ranged)])
        for line in self.lines:
            writer.writerow([x for key in self.columns for x in _fields(line[key], key in ranged)])
        return output.getvalue()


def _names(key: str, ranged: set[str]) -> list[str]:
    return [key, f"{key}_low", f"{key}_high"] if key in ranged else [key]


def _fields(cell: Cell, ranged: bool) -> list:
    if not isinstance(cell, Value):
        return [cell, *([cell] * 2 if ranged else [])]
    ends = [cell.low, cell.high] if ranged else []
    return [cell.mean, *("none" if end is None else end for end in ends)]
