"""What a run shows of itself: parameters, sample clips, gammas, scores on the test split."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from clu import parameter_overview
from jaxtyping import UInt8

from ssagan_jax.animation.animator import Fields, build_animator
from ssagan_jax.checkpoints.array_trees import digest
from ssagan_jax.config.schema import EvaluationConfig, NetworkConfig
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.data.splits import Take
from ssagan_jax.evaluation import hints
from ssagan_jax.evaluation.clip_table import find_clip_table
from ssagan_jax.evaluation.output import save_results
from ssagan_jax.evaluation.scoring import score_animator
from ssagan_jax.evaluation.winds import takes_wind
from ssagan_jax.io import photo_files, video_files
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.models import from_config
from ssagan_jax.training.state import GanState
from ssagan_jax.viz.attention_maps import attention_maps, find_sky_and_land
from ssagan_jax.viz.attention_sheet import attention_sheet
from ssagan_jax.viz.contact_sheet import contact_sheet
from ssagan_jax.viz.velocity_sheet import velocity_sheet

SAMPLES = 4  # test clips that every set of samples shows
ATTENDED = 3  # of them, those whose attention is drawn


def write_samples(
    workdir: AnyPath,
    step: int,
    network: NetworkConfig,
    variables: Mapping[str, Any],
    source: ClipSource,
    show: Callable[[int, str, AnyPath], None],
) -> AnyPath:
    """Animates the first test photos: contact sheet, mp4 and GIF under ``samples/``.

    In the moving forms each row is one sample: photo, real clip, generated clip, in its true wind
    where a model takes one; the contact sheet has every kind of wind and mask. What the generator's
    attention looks at goes to ``attention.png``, and how it moves photos to ``velocity.png``, in
    place of those before.

    Args:
      network: the generator.
      variables: of the generator (all collections).
      source: the test split.
      show: is given the step, a title and the path of each picture, as ``Writers.picture`` is.

    Returns:
      The path of the contact sheet.
    """
    examples = [source[i] for i in range(min(SAMPLES, len(source)))]
    real = np.stack([example["clip"] for example in examples])
    animate = build_animator(network, variables)
    wind = np.stack([x["wind"] for x in examples]) if takes_wind(animate) else None
    mask = np.stack([x["mask"] for x in examples]) if hints.takes_mask(animate) else None
    clips = hints.animate_all(animate, real[:, 0], wind=wind, mask=mask)
    labels = hints.label_rows(hints.list_hints(animate)) or {"prediction": "generated"}
    base = workdir / "samples" / f"step_{step:07d}"
    rows = [
        {"photo": real[i, 0], "real": real[i]} | {labels[name]: x[i] for name, x in clips.items()}
        for i in range(len(real))
    ]
    generated = clips.get("wind_given", clips["prediction"])
    photo_files.write_image(base.with_suffix(".png"), contact_sheet(*rows))
    video_files.write_video(base.with_suffix(".mp4"), side_by_side(real, generated))
    gif = video_files.write_video(base.with_suffix(".gif"), side_by_side(real, generated))
    show(step, "samples (photo, real, generated)", gif)
    if sheet := write_attention(workdir, network, variables, real[:ATTENDED, 0]):
        show(step, "attention", sheet)
    if animate.has_fields:
        fields = hints.with_found_sky(animate, real[:, 0]).fields(real[:, 0], wind=wind)
        show(step, "velocity", write_velocity(workdir, real[:, 0], fields, generated))
    return base.with_suffix(".png")


def write_velocity(
    workdir: AnyPath,
    photos: UInt8[np.ndarray, "n s s 3"],
    fields: Fields,
    clips: UInt8[np.ndarray, "n t s s 3"],
) -> AnyPath:
    """Draws what a generator that warps moves in each photo, and how, as ``velocity.png``."""
    sheet = velocity_sheet(photos, fields.mask, fields.velocity, clips)
    return photo_files.write_image(workdir / "velocity.png", sheet)


def write_attention(
    workdir: AnyPath,
    network: NetworkConfig,
    variables: Mapping[str, Any],
    photos: UInt8[np.ndarray, "n s s 3"],
) -> AnyPath | None:
    """Draws what each level attends to, for two points of each photo, as ``attention.png``.

    Returns:
      The path of the picture; None for a generator without attention.
    """
    points = np.stack([find_sky_and_land(photo) for photo in photos])
    maps = attention_maps(from_config.generator(network), variables, photos, points)
    if not maps:
        return None
    found = gammas(variables["params"])
    named = {key.removeprefix("gamma/"): value for key, value in found.items()}
    sheet = attention_sheet(photos, points, maps, gammas=named)
    return photo_files.write_image(workdir / "attention.png", sheet)


def side_by_side(
    real: UInt8[np.ndarray, "n t h w 3"], generated: UInt8[np.ndarray, "n t h w 3"]
) -> UInt8[np.ndarray, "t n*h 3*w 3"]:
    """One clip of several: a row of photo, real, generated for each."""
    photo = np.broadcast_to(real[:, :1], real.shape)
    rows = np.concatenate([photo, real, generated], axis=3)
    return np.concatenate(list(rows), axis=1)


def score_test_clips(
    workdir: AnyPath,
    step: int,
    network: NetworkConfig,
    variables: Mapping[str, Any],
    source: ClipSource,
    asked: EvaluationConfig,
) -> dict[str, Any]:
    """Scores test clips; writes ``results.json`` and ``results.png``, prints the table.

    Args:
      network: the generator.
      variables: of the generator (all collections).
      source: the test split.
      asked: how many of its clips, in which batches, by which metrics besides.

    Returns:
      What ``results.json`` holds.
    """
    source = Take(source, asked.clips)
    protocol = {
        "statistics": "running",
        "checkpoint": digest(jax.device_get(dict(variables))),
        "step": step,
    }
    animate = build_animator(network, variables)
    found = score_animator(
        animate,
        source,
        batch_size=min(asked.batch_size, len(source)),
        protocol=protocol,
        metrics=asked.metrics,
        clip_table=find_clip_table(workdir / "results.json"),
    )
    save_results(found, workdir / "results.json")
    return found


def gammas(params: Mapping[str, Any]) -> dict[str, float]:
    """The attention blocks' gammas, by level: how far each looks beyond its neighbours."""
    return {
        f"gamma/{name.removeprefix('attention_')}": float(block["gamma"])
        for name, block in params.items()
        if name.startswith("attention_") and "gamma" in block
    }


def write_parameter_overview(workdir: AnyPath, state: GanState) -> None:
    """Names, shapes and counts of every parameter, in ``parameters.txt``; prints the counts."""
    tables = []
    for name in ("generator", "discriminator"):
        params = jax.eval_shape(lambda tree: tree, getattr(state, name).params)
        table = parameter_overview.get_parameter_overview(params, include_stats=False)
        count = sum(x.size for x in jax.tree.leaves(params))
        print(f"{name}: {count:,} parameters")
        tables.append(f"{name}\n{table}\n")
    (workdir / "parameters.txt").write_text("\n".join(tables), encoding="utf-8")
