"""The scan of a data set's original files: counts beside the published ones, and every oddity."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.media_files import printable

CLIP_FRAMES = 32  # clips are counted at the paper's length
VIDEO = "video: "  # how the entry begins that only says what a video is
COUNTS = ("videos", "shots", "frames", "clips")
CONVERTED = "converted: "  # how the reason begins where a frame is not stored as it was found
_SHOWN = 20  # of a kind, on a terminal
_REPORT = "see report.json (of verify: --report=FILE.json)"


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out, or kept although it is odd.

    Attributes:
      path: the file or folder.
      reason: why; what it begins with, up to a colon, is the kind.
      kept: whether it is in the data set all the same.
      files: of a folder, the names of the files that this is about; empty: ``path`` itself.
    """

    path: str
    reason: str
    kept: bool = False
    files: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", tuple(self.files))  # of JSON: a list

    @property
    def count(self) -> int:
        """How many files this is about."""
        return len(self.files) or 1

    @property
    def line(self) -> str:
        """The entry for a terminal."""
        some = ""
        if self.files:
            rest = f" and {len(self.files) - 2} more" if len(self.files) > 2 else ""
            some = f" ({', '.join(self.files[:2])}{rest})"
        return printable(f"{self.path}: {_without_mark(self.reason)}{some}")


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

    @property
    def converted(self) -> list[Skipped]:
        """The frames that are not stored as they were found."""
        return [item for item in self.skipped if item.kept and item.reason.startswith(CONVERTED)]

    @property
    def odd(self) -> list[Skipped]:
        """What is kept, but is not as expected."""
        return [
            item
            for item in self.skipped
            if item.kept and not item.reason.startswith((VIDEO, CONVERTED))
        ]

    @property
    def videos(self) -> list[Skipped]:
        """What each video is."""
        return [item for item in self.skipped if item.kept and item.reason.startswith(VIDEO)]

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the whole, and what to do."""
        return [
            f'There is no split "{split}": {_WITHOUT[split]}'
            for split in ("train", "test")
            if self.shots and not self.shots.get(split)
        ]

    def to_json(self) -> dict[str, Any]:
        """The scan in JSON types, as ``report.json`` has it: every file's fate."""
        return {
            "dataset": self.dataset,
            "source": printable(self.source),
            "found": self.found,
            "published": {split: dict(counts) for split, counts in self.published.items()},
            "warnings": self.warnings,
            "fates": {
                "left out": sum(item.count for item in self.left_out),
                "converted": sum(item.count for item in self.converted),
                "odd": sum(item.count for item in self.odd),
            },
            "skipped": [_valid(asdict(item)) for item in self.skipped],
        }

    def write_report(self, path: str | os.PathLike) -> None:
        """Writes ``to_json`` to a file, whole or not at all; raises ``OSError`` if that fails."""
        with replacing(paths.on_disk(path, "--report")) as partial:
            partial.write_text(json.dumps(self.to_json(), indent=1), encoding="utf-8")

    def lines(self) -> list[str]:
        """The scan for a terminal: of each kind of oddity the first ones."""
        lines = [f"{self.dataset}: {printable(self.source)}", ""]
        lines += [f"{'split':<8}{'count':<18}{'found':>10}{'published':>12}"]
        found = self.found
        for split in dict.fromkeys([*found, *self.published]):
            for count in COUNTS:
                label = f"{CLIP_FRAMES}-frame clips" if count == "clips" else count
                value = found.get(split, {}).get(count, 0)
                expected = self.published.get(split, {}).get(count)
                shown = "-" if expected is None else f"{expected:,}"
                lines.append(f"{split:<8}{label:<18}{value:>10,}{shown:>12}")
        lines += ["", *self.warnings]
        lines += _section("Videos", self.videos) if self.videos else []
        lines += _section("Left out", self.left_out)
        lines += _section("Converted", self.converted) if self.converted else []
        lines += _section("Kept, but odd", self.odd)
        lines += ["All other frames are stored as they were found; those of videos as JPEGs."]
        if self.written_to:
            lines += ["", f"Written to {self.written_to}"]
        return lines

    def __str__(self) -> str:
        return "\n".join(self.lines())


_HOW = (
    "Add other videos, or give folders named train and test yourself (one long video: cut it into "
    "two files)."
)
_WITHOUT = {
    "train": f"all footage is in test, and nothing can be trained on. {_HOW}",
    "test": f"there is no other footage to evaluate on than that of training. {_HOW}",
}


def _without_mark(reason: str) -> str:
    return reason.removeprefix(CONVERTED).removeprefix(VIDEO)


def _section(title: str, items: list[Skipped]) -> Iterator[str]:
    yield f"{title}: {sum(item.count for item in items)}"
    kinds: dict[str, list[Skipped]] = defaultdict(list)
    for item in items:
        kinds[_without_mark(item.reason).split(":")[0]].append(item)
    for kind, same in kinds.items():
        yield from (f"  {item.line}" for item in same[:_SHOWN])
        if len(same) > _SHOWN:
            yield f"  ... and {len(same) - _SHOWN} more ({kind}): {_REPORT}"


def _valid(content: dict[str, Any]) -> dict[str, Any]:
    """An entry in which all names are printable; ``files`` only where there are some."""
    names = [printable(name) for name in content.pop("files")]
    entry = {**content, "path": printable(content["path"])}
    return entry | ({"files": names} if names else {})
