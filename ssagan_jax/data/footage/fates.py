"""What becomes of each video, in words."""

from dataclasses import dataclass, field
from pathlib import Path

from ssagan_jax.data.building.scan import VIDEO, Skipped
from ssagan_jax.data.footage.stretches import Stretch


@dataclass
class Footage:
    """A video, and what becomes of it.

    Attributes:
      path: the file.
      about: codec, size, rate and length; empty if it cannot be read.
      stretches: all of it, in order.
      pictures: of each stretch a few frames as JPEGs.
      said: what is odd about the file, and why it is left out if it is.
    """

    path: Path
    about: str = ""
    stretches: list[Stretch] = field(default_factory=list)
    pictures: list[list[bytes]] = field(default_factory=list)
    said: list[Skipped] = field(default_factory=list)


def fates_of(footage: Footage) -> list[Skipped]:
    """A line for the file, one for each stretch that is left out, and one for what is changed."""
    path = str(footage.path)
    lines = list(footage.said)
    if footage.about:
        lines.append(Skipped(path, VIDEO + footage.about, kept=True))
    for stretch in footage.stretches:
        times = f"{clock(stretch.start)} to {clock(stretch.end)}"
        if not stretch.kept:
            lines.append(Skipped(path, f"{stretch.reason}: {times}, {stretch.frames} frames"))
        if stretch.kept and stretch.twice:
            count = len(stretch.twice)
            lines.append(
                Skipped(path, f"duplicates: {count} frames left out of {times}", kept=True)
            )
        if stretch.steady:
            lines.append(Skipped(path, f"shakes: held still, {times}", kept=True))
        elif stretch.kept and stretch.box:
            box = stretch.box
            size = f"{box.right - box.left} x {box.bottom - box.top} pixels"
            lines.append(Skipped(path, f"black bars: cropped to {size}, {times}", kept=True))
    return lines


def clock(seconds: int | float) -> str:
    """Minutes and seconds, such as 1:02.48."""
    minutes, rest = divmod(round(100 * seconds), 6000)
    return f"{minutes}:{rest / 100:05.2f}"
