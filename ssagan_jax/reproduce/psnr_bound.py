"""Whether an MSE and a PSNR in one row of a table can come from the same clips, and at which peak.

PSNR is a convex function of the error, so its mean over frames is at least that of the mean error
(Jensen): mean PSNR >= 20 log10(peak) - 10 log10(mean MSE). A row below that bound was computed
with a smaller peak. A row above it says how much frames differ: if PSNR is normally distributed
over them, with standard deviation s, the gap is s^2 ln(10) / 20.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ssagan_jax.reproduce.tables import Row
from ssagan_jax.viz.tables import Table

PEAKS = (1.0, 2.0)
TO_PEAK_2 = 20 * math.log10(2)  # what a PSNR gains when the peak is 2 instead of 1


@dataclass(frozen=True)
class Bound:
    """One row at one peak, in dB.

    Attributes:
      bound: the least mean PSNR that this MSE allows.
      gap: how far the row's PSNR is above it; negative: impossible.
      spread: the standard deviation of PSNR over frames that would explain the gap, or None
        where none can.
    """

    bound: float
    gap: float
    spread: float | None


def compute_bound(mse: float, psnr: float, *, peak: float) -> Bound:
    """A row's mean MSE and mean PSNR against Jensen's bound at this peak."""
    least = 20 * math.log10(peak) - 10 * math.log10(mse)
    gap = psnr - least
    spread = math.sqrt(20 * gap / math.log(10)) if gap >= 0 else None
    return Bound(least, gap, spread)


def tabulate_bounds(rows: Sequence[Row]) -> Table:
    """Bound, gap and spread of every row that the poster has, at both peaks."""
    columns = {"label": "row", "mse": "MSE", "psnr": "PSNR"}
    for peak in PEAKS:
        columns[f"bound{peak:.0f}"] = f"bound, peak {peak:.0f}"
        columns[f"gap{peak:.0f}"] = "gap, dB"
        columns[f"spread{peak:.0f}"] = "spread, dB"
    columns["reading"] = "reading"
    return Table(columns, [_line(row) for row in rows if row.poster])


def _line(row: Row) -> dict:
    mse, psnr = row.poster["mse"], row.poster["psnr"]
    line = {"label": row.label, "mse": f"{mse:.4f}", "psnr": f"{psnr:.2f}"}
    for peak in PEAKS:
        found = compute_bound(mse, psnr, peak=peak)
        line[f"bound{peak:.0f}"] = f"{found.bound:.2f}"
        line[f"gap{peak:.0f}"] = f"{found.gap:+.2f}"
        line[f"spread{peak:.0f}"] = "impossible" if found.spread is None else f"{found.spread:.1f}"
    return line | {"reading": "peak 2" if _possible_at_2(row) else "only peak 1"}


def _possible_at_2(row: Row) -> bool:
    return compute_bound(row.poster["mse"], row.poster["psnr"], peak=2.0).gap >= 0


def explain_bounds(rows: Sequence[Row]) -> list[str]:
    """What the bound says of a table, in sentences; all numbers come from the poster's rows."""
    quoted = [row for row in rows if row.poster]
    lower = [row for row in quoted if not _possible_at_2(row)]
    if not lower:
        return ["Every quoted row is possible at peak 2, the authors' convention."]
    names = ", ".join(row.label for row in lower)
    converted = ", ".join(f"{row.label} {row.poster['psnr'] + TO_PEAK_2:.1f}" for row in lower)
    bounds = [
        compute_bound(row.poster["mse"], row.poster["psnr"], peak=1.0)
        for row in quoted
        if row not in lower
    ]
    spreads = [bound.spread for bound in bounds if bound.spread is not None]
    return [
        f"{names}: PSNR lies below the bound at peak 2, so these rows cannot come from the "
        "authors' evaluation code, which uses peak 2; they can only come from another convention "
        "of PSNR. They must not be compared with the others by PSNR.",
        "The other way round, at peak 1, the remaining rows would need a spread of "
        f"{min(spreads):.1f} to {max(spreads):.1f} dB between frames, which is not plausible."
        if spreads
        else "",
        "If those rows' images are in [-1, 1] like the others and only the peak differs, their "
        f"PSNR at peak 2 is: {converted}.",
        *_gains(quoted, lower),
    ]


def _gains(quoted: Sequence[Row], lower: Sequence[Row]) -> list[str]:
    """How much of the poster's gains over its best such row the convention makes."""
    best = max(lower, key=lambda row: row.poster["psnr"])
    gains = [
        f"{row.label} {row.poster['psnr'] - best.poster['psnr']:.1f} dB as printed, "
        f"{row.poster['psnr'] - best.poster['psnr'] - TO_PEAK_2:.1f} dB at one peak"
        for row in quoted
        if row not in lower
    ]
    return [f"Gain over {best.label}: {'; '.join(gains)}."] if gains else []
