"""The page of an exported model folder, for people and for the hub: what is known, no more."""

import re
from collections.abc import Mapping
from typing import Any

import ssagan_jax
from ssagan_jax.checkpoints.array_trees import count_values
from ssagan_jax.checkpoints.model_folder import Generator

CARD = "README.md"
_LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_GROUPS = ("standard", "author", "motion", "perceptual")  # of scores, in results.json
_PAGE = """---
{front}
---

# {title}

A generator of ssagan_jax (SSA-GAN in JAX): one photo in, a time-lapse clip out. The motion is
invented: it is no forecast, and no record of a place.

{facts}

`model.json` holds its configuration and the SHA-256 of `model.safetensors`.

## Use

    pip install 'ssagan_jax[hub]'
    ssagan generate photo.jpg -o clip.mp4 --workdir={where}

## Scores

{scores}
"""


def check_licence(licence: str) -> str:
    """A licence's short name, as the hub lists them.

    Raises:
      ValueError: if it cannot be one.
    """
    if not _LICENCE.fullmatch(licence):
        raise ValueError(
            f'"{licence}" is no short name of a licence; expected such as apache-2.0, cc-by-4.0, '
            "cc-by-nc-4.0 or other."
        )
    return licence


def write_card(
    model: Generator,
    *,
    config: Mapping[str, Any],
    provenance: Mapping[str, Any],
    results: Mapping[str, Any] | None,
    licence: str | None,
    where: str,
) -> str:
    """The page as Markdown.

    Args:
      model: of ``loading.load_generator``.
      config: its configuration.
      provenance: as ``model.json`` has it.
      results: of a run, if there are any; those of other weights are left out, which is said.
      licence: None: nobody has said.
      where: what ``--workdir`` is for those who use it.
    """
    front = [f"license: {licence}"] if licence else []
    front += ["library_name: ssagan_jax", "pipeline_tag: image-to-video"]
    front += ["tags:", "- jax", "- flax", "- time-lapse"]
    return _PAGE.format(
        front="\n".join(front),
        title=where.rpartition("/")[2] or where,
        facts=_facts(model, config, provenance, licence),
        where=where,
        scores=_scores(model[2]["hash"], results, where),
    )


def _facts(model, config, provenance, licence):
    network, variables, info = model
    facts = {
        "model": f"{network.name}, {count_values(variables['params']):,} parameters",
        "clips": f"{network.size} x {network.size} pixels, {network.frames} frames",
        "trained on": provenance.get("trained_on") or config["dataset"].get("name"),
        "step": info["step"],
        "batch size": provenance.get("batch_size"),
        "seed": provenance.get("seed"),
        "exported by": f"ssagan_jax {ssagan_jax.__version__}",
        "licence": licence or "not said",
    }
    lines = [f"| {name} | {value} |" for name, value in facts.items() if value is not None]
    return "\n".join(["| | |", "|---|---|", *lines])


def _scores(hash_, results, where):
    if results is None:
        return "None came with it."
    protocol = results["protocol"]
    if protocol.get("checkpoint") != hash_:
        return "None came with it: those of its run are of another checkpoint."
    data = protocol.get("data", {})
    parts = {"": data.get("dataset"), "split ": data.get("split"), "clips: ": protocol.get("clips")}
    parts["by ssagan_jax "] = protocol.get("code_version")
    scored_with = protocol.get("scored_with", {})  # earlier versions do not say
    parts |= {f"{key}: ": scored_with.get(key) for key in ("code", "machine")}
    what = ", ".join(f"{word}{value}" for word, value in parts.items() if value is not None)
    table = _table(results["rows"])
    return f"{what}:\n\n{table}\n\nAgain: `ssagan evaluate --workdir={where} --output=results.json`"


def _table(rows):
    """Every score of every row; "-" for what is not defined."""
    scores = {
        name: {
            f"{group} {key}": value
            for group in _GROUPS
            for key, value in row.get(group, {}).items()
        }
        for name, row in rows.items()
    }
    names = dict.fromkeys(key for row in scores.values() for key in row)
    lines = [
        [name, *("-" if row.get(name) is None else f"{row[name]:.4g}" for row in scores.values())]
        for name in names
    ]
    head = [["", *scores], ["---"] * (1 + len(scores))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*head, *lines])
