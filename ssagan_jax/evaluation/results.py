"""Results as a JSON file, and whether two of them may stand in one table.

A result is what ``ssagan_jax.evaluation.scoring`` returns::

    {"protocol": {...},
     "rows": {"prediction": {"author":   {"mse":, "psnr":, "psnr_clip":, "ssim":},
                             "standard": {...},
                             "motion":   {"energy_ratio":, "energy_ratio_median":,
                                          "flow_ratio":, "flow_ratio_median":,
                                          "static_share":, "flicker":, "unexplained_change":},
                             "curves":   {"author": {"mse": [one per frame], ...}, ...},
                             "left_out": {"author": {"psnr": infinite values, ...}, ...,
                                          "motion": {"energy_ratio_median": still clips}},
                             "interval": {"author": {"mse": [low, high], ...}, ...,
                                          "motion": {...}},
                             "quartiles": {"motion": {"energy_ratio_median": [low, high]}}},
              "still": {...}},
     "real": {"motion": {"flicker":, "static_share":, "unexplained_change":}}}

With pretrained metrics (``ssagan evaluate --metrics=lpips_alex,fvd``) each row
also has ``"perceptual": {"lpips_alex":, "fvd":, ...}``, curves and intervals of the same
name where there are any (LPIPS has both, the distances of whole sets neither), and the
protocol says in ``"perceptual": {"lpips_alex": {...}, ...}`` how each was computed.

``interval`` is the 95 % bootstrap interval of each mean over source videos; the protocol's
``"interval"`` says how it was drawn. ``energy_ratio_median`` is the median over clips of each
clip's own energy ratio, and likewise of flow. ``"real"`` is what the real clips have by themselves.
Files of earlier versions lack some of this. The scores of single clips are in a file beside it
(``evaluation.clip_table``).

By a published protocol (``evaluation.protocols``), ``"published_protocol"`` has its name and
``"model_clips"`` size and frames of the model's own clips, before they were scaled.

Of a model that takes a wind, the protocol's ``"winds"`` names the rows that are its predictions:
``prediction`` by the likely wind, and those of the other kinds (``evaluation.winds``). ``ssagan
evaluate`` then adds ``"wind_prior"`` (``wind_prior.score_prior``), and with ``--draws=K`` also
``"draws"`` (``best_of_k.score_best_of_k``). Of a model that takes a mask of what may move,
``"masks"`` does the same (``evaluation.hints``).

None stands for what is not defined (a mean over nothing but infinite values). The file's last
entry is its own digest (``io.sealed_json``), which is checked when it is read.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flax.traverse_util import flatten_dict

from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import read_sealed, seal

Results = Mapping[str, Any]

# Entries of the protocol that say what was scored, not how: they may differ in one table.
# Of several draws of a photo the rows have the first; "interval" is how sure a mean is, not what
# it is.
SUBJECT = (
    "checkpoint",
    "predictions",
    "step",
    "draws",
    "interval",
    "masks",
    "model_clips",
    "scored_with",
)
# Two accounts of the same thing, the real clips. Files decoded elsewhere may differ by
# a grey level, and the same clips may be described in two ways: one match is enough.
SAME_CLIPS = {"data", "clips_sha256"}
# What a row holds besides groups of scores.
NOT_SCORES = ("curves", "left_out", "interval", "quartiles")


def default_output(predictions: Path) -> Path:
    """Where the results of given predictions go: in their folder."""
    return (predictions if predictions.is_dir() else predictions.parent) / "results.json"


def write_results(results: Results, path: AnyPath) -> None:
    """Writes results as JSON; a file there is replaced only when all is written.

    Raises:
      OSError: if ``path`` cannot be written.
      ValueError: if a number is NaN or infinite, which JSON does not know.
    """
    text = json.dumps(seal(results), indent=2)
    with replacing(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def read_results(path: AnyPath) -> dict[str, Any]:
    """Reads what ``write_results`` wrote.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: if it is damaged (``io.sealed_json``), or holds something else. Results of earlier
        versions have no digest and are taken as they are.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. ssagan evaluate writes such files.")
    results = read_sealed(path, older=True)
    if not {"protocol", "rows"} <= results.keys():
        raise ValueError(
            f'{path} holds no results: expected a JSON object with "protocol" and "rows".'
        )
    return results


def flatten_row(row: Mapping[str, Any]) -> dict[str, float | None]:
    """The scores of a row by the names of metrics.jsonl: ``{"author_mse": ...}``."""
    return flatten_dict({group: row[group] for group in list_groups([row])}, sep="_")


def list_groups(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The groups of scores that any of the rows has: conventions, ``motion``, ``perceptual``."""
    return list(dict.fromkeys(key for row in rows for key in row if key not in NOT_SCORES))


def check_same_protocol(a: Results, b: Results, *, names: tuple[str, str] = ("a", "b")) -> None:
    """Checks that two results were obtained in the same way on the same clips.

    Of the metrics that are asked for by name, those that both have are compared.

    Raises:
      ValueError: listing the entries of the protocols that differ.
    """
    left, right = _shared(a["protocol"], b["protocol"]), _shared(b["protocol"], a["protocol"])
    keys = [*left, *(key for key in right if key not in left)]
    differ = [key for key in keys if key not in SUBJECT and left.get(key) != right.get(key)]
    if not set(differ) >= SAME_CLIPS:
        differ = [key for key in differ if key not in SAME_CLIPS]
    if differ:
        lines = (f"  {key}: {left.get(key)} and {right.get(key)}" for key in differ)
        raise ValueError(
            f"{names[0]} and {names[1]} were scored by different protocols and cannot stand in "
            "one table. Score them again in the same way. They differ in:\n" + "\n".join(lines)
        )


def _shared(protocol: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A protocol with only those metrics, of the ones asked for, that another has too."""
    asked, others = (p.get("perceptual", {}) for p in (protocol, other))
    return {**protocol, "perceptual": {k: v for k, v in asked.items() if k in others}}
