"""What a run shows of itself: parameters, sample clips, gammas, scores on the test split."""

from collections.abc import Mapping

import jax
import numpy as np
from clu import parameter_overview

from ssagan_jax.animation.animator import build_animator
from ssagan_jax.checkpoints.array_trees import digest
from ssagan_jax.data.splits import Take, open_split
from ssagan_jax.evaluation.output import save_results
from ssagan_jax.evaluation.scoring import score_animator
from ssagan_jax.io import photo_files, video_files
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.models import from_config
from ssagan_jax.training.state import GanState
from ssagan_jax.viz.attention_maps import attention_maps, find_sky_and_land
from ssagan_jax.viz.attention_sheet import attention_sheet
from ssagan_jax.viz.contact_sheet import contact_sheet

SAMPLES = 4  # test clips that every set of samples shows
ATTENDED = 3  # of them, those whose attention is drawn


def write(workdir: AnyPath, step: int, variables: Mapping, config: Mapping, writers) -> AnyPath:
    """Animates the first test photos: contact sheet, mp4 and GIF under ``samples/``.

    In the moving forms each row is one sample: photo, real clip, generated clip. What the
    generator's attention looks at goes to ``attention.png``, in place of the one before.

    Returns:
      The path of the contact sheet.
    """
    source = open_split(config, "test")
    real = np.stack([source[i]["clip"] for i in range(min(SAMPLES, len(source)))])
    generated = build_animator(config, variables)(real[:, 0])
    base = workdir / "samples" / f"step_{step:07d}"
    rows = [
        {"photo": r[0], "real": r, "generated": g} for r, g in zip(real, generated, strict=True)
    ]
    photo_files.write_image(base.with_suffix(".png"), contact_sheet(*rows))
    video_files.write_video(base.with_suffix(".mp4"), side_by_side(real, generated))
    gif = video_files.write_video(base.with_suffix(".gif"), side_by_side(real, generated))
    writers.picture(step, "samples (photo, real, generated)", gif)
    if sheet := attention(workdir, variables, config, real[:ATTENDED, 0]):
        writers.picture(step, "attention", sheet)
    return base.with_suffix(".png")


def attention(
    workdir: AnyPath, variables: Mapping, config: Mapping, photos: np.ndarray
) -> AnyPath | None:
    """Draws what each level attends to, for two points of each photo, as ``attention.png``.

    Returns:
      The path of the picture; None for a generator without attention.
    """
    points = np.stack([find_sky_and_land(photo) for photo in photos])
    maps = attention_maps(from_config.generator(config), variables, photos, points)
    if not maps:
        return None
    found = gammas(variables["params"])
    named = {key.removeprefix("gamma/"): value for key, value in found.items()}
    sheet = attention_sheet(photos, points, maps, gammas=named)
    return photo_files.write_image(workdir / "attention.png", sheet)


def side_by_side(real: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Clips [n, t, h, w, 3] -> one clip: a row of photo, real, generated for each."""
    photo = np.broadcast_to(real[:, :1], real.shape)
    rows = np.concatenate([photo, real, generated], axis=3)
    return np.concatenate(list(rows), axis=1)


def evaluate(workdir: AnyPath, step: int, variables: Mapping, config: Mapping) -> dict:
    """Scores the test split; writes ``results.json`` and ``results.png``, prints the table."""
    source = Take(open_split(config, "test"), config["eval_clips"])
    protocol = {
        "statistics": "running",
        "checkpoint": digest(jax.device_get(dict(variables))),
        "step": step,
    }
    animate = build_animator(config, variables)
    found = score_animator(
        animate,
        source,
        batch_size=min(config["eval_batch_size"], len(source)),
        protocol=protocol,
        metrics=config["metrics"],
    )
    save_results(found, workdir / "results.json")
    return found


def gammas(params: Mapping) -> dict[str, float]:
    """The attention blocks' gammas, by level: how far each looks beyond its neighbours."""
    return {
        f"gamma/{name.removeprefix('attention_')}": float(block["gamma"])
        for name, block in params.items()
        if name.startswith("attention_") and "gamma" in block
    }


def overview(workdir: AnyPath, state: GanState):
    """Names, shapes and counts of every parameter, in ``parameters.txt``; prints the counts."""
    tables = []
    for name in ("generator", "discriminator"):
        params = jax.eval_shape(lambda tree: tree, getattr(state, name).params)
        table = parameter_overview.get_parameter_overview(params, include_stats=False)
        count = sum(x.size for x in jax.tree.leaves(params))
        print(f"{name}: {count:,} parameters")
        tables.append(f"{name}\n{table}\n")
    (workdir / "parameters.txt").write_text("\n".join(tables), encoding="utf-8")
