"""How well each saved step of a run did: ``WORKDIR/checkpoints/scores.json``."""

import json
import sys
from collections.abc import Collection, Mapping

from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile, read_sealed, seal

SCORES = "scores.json"


def read_scores(folder: AnyPath) -> dict[int, float]:
    """Scores by step, of a folder of checkpoints; those of earlier versions lie within each.

    Raises:
      DamagedFile: if the file is another than was written: to go on without would delete the best.
    """
    found = {}
    for file in folder.glob("*/metrics/metrics"):
        try:
            found[int(file.parent.parent.name)] = float(json.loads(file.read_bytes())["score"])
        except (ValueError, LookupError, TypeError):
            print(f"note: {file} is damaged: the step has no score.", file=sys.stderr)
    try:
        stored = read_sealed(folder / SCORES)
    except FileNotFoundError:
        return found
    except DamagedFile as error:
        raise DamagedFile(
            f"{error} Copy it back from elsewhere, or delete it: then the best checkpoint so far "
            "is not known, and not kept."
        ) from error
    return found | {int(step): float(score) for step, score in stored.items()}


def write_scores(folder: AnyPath, scores: Mapping[int, float]) -> None:
    """Replaces the scores of a folder of checkpoints.

    Raises:
      OSError: if the file cannot be written.
      ValueError: if a score is not finite.
    """
    content = seal({str(step): score for step, score in scores.items()})
    with replacing(folder / SCORES) as partial:
        partial.write_text(json.dumps(content) + "\n", encoding="utf-8")


def best_of(scores: Mapping[int, float], steps: Collection[int]) -> int | None:
    """The one of these steps with the highest score; the latest of equals; None without any."""
    scored = [(scores[step], step) for step in steps if step in scores]
    return max(scored)[1] if scored else None
