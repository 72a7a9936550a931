"""The scan of a data set's original files: counts beside the published ones, and every oddity."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CLIP_FRAMES = 32  # clips are counted at the paper's length
COUNTS = ("videos", "shots", "frames", "clips")


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out, or kept although it is odd."""

    path: str
    reason: str
    kept: bool = False


@dataclass
class Scan:
    """Result of ``data.verify`` and ``data.build``.

    Attributes:
      dataset: name of the data set.
      source: folder that was read.
      published: counts by split that the data set's authors give; empty if they give none.
      shots: frames of every usable shot, by split: ``{split: [(video, frames), ...]}``.
      skipped: everything left out, and everything odd that was kept, with reasons.
      written_to: folder of the built data set; None after ``verify``.
    """

    dataset: str
    source: str
    published: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    shots: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    skipped: list[Skipped] = field(default_factory=list)
    written_to: str | None = None

    @property
    def found(self) -> dict[str, dict[str, int]]:
        """Counts by split: videos, shots, frames and 32-frame clips (no overlap)."""
        return {
            split: {
                "videos": len({video for video, _ in shots}),
                "shots": len(shots),
                "frames": sum(frames for _, frames in shots),
                "clips": sum(frames // CLIP_FRAMES for _, frames in shots),
            }
            for split, shots in sorted(self.shots.items(), reverse=True)
        }

    @property
    def left_out(self) -> list[Skipped]:
        """The files and folders that are not in the data set."""
        return [item for item in self.skipped if not item.kept]

    def to_json(self) -> dict[str, Any]:
        """The scan in JSON types, as ``report.json`` has it."""
        return {
            "dataset": self.dataset,
            "source": self.source,
            "found": self.found,
            "published": {split: dict(counts) for split, counts in self.published.items()},
            "skipped": [asdict(item) for item in self.skipped],
        }

    def lines(self) -> list[str]:
        """The scan for a terminal."""
        lines = [f"{self.dataset}: {self.source}", ""]
        lines += [f"{'split':<8}{'count':<18}{'found':>10}{'published':>12}"]
        found = self.found
        for split in dict.fromkeys([*found, *self.published]):
            for count in COUNTS:
                label = f"{CLIP_FRAMES}-frame clips" if count == "clips" else count
                value = found.get(split, {}).get(count, 0)
                expected = self.published.get(split, {}).get(count)
                shown = "-" if expected is None else f"{expected:,}"
                lines.append(f"{split:<8}{label:<18}{value:>10,}{shown:>12}")
        kept = [item for item in self.skipped if item.kept]
        lines += ["", f"Left out: {len(self.left_out)}"]
        lines += [f"  {item.path}: {item.reason}" for item in self.left_out]
        lines += [f"Kept, but odd: {len(kept)}"]
        lines += [f"  {item.path}: {item.reason}" for item in kept]
        if self.written_to:
            lines += ["", f"Written to {self.written_to}"]
        return lines

    def __str__(self) -> str:
        return "\n".join(self.lines())
