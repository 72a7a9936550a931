"""The two entry points: scores a checkpoint, or clips in files; writes and prints the results."""

import dataclasses
import os
from collections.abc import Sequence

from ssagan_jax.animation.animator import build_animator
from ssagan_jax.checkpoints.finding import FOLDER, find_checkpoint
from ssagan_jax.checkpoints.networks import load_generator, read_config
from ssagan_jax.config.schema import DatasetConfig, EvaluationConfig
from ssagan_jax.data.splits import Take, open_split
from ssagan_jax.evaluation import scoring, winds
from ssagan_jax.evaluation.best_of_k import check_draws, score_best_of_k
from ssagan_jax.evaluation.output import save_results
from ssagan_jax.evaluation.results import default_output, read_results
from ssagan_jax.evaluation.wind_prior import score_prior
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath


def evaluate_checkpoint(
    path: str | os.PathLike,
    *,
    dataset: str | None = None,
    data_dir: str | None = None,
    split: str = "test",
    statistics: str = "running",
    clips: int | None = None,
    draws: int = 1,
    metrics: Sequence[str] | None = None,
    output: str | os.PathLike | None = None,
) -> dict:
    """Scores a checkpoint on a data set (by default the one it was trained on).

    Args:
      path: a workdir, or one checkpoint folder.
      dataset: another data set, read at the model's size, length and frame step.
      data_dir: where the data set was built, if not where the run read it.
      split: ``train`` or ``test``.
      statistics: what batch normalisation uses: ``running``, or ``batch`` as the authors did.
      clips: how many to score; 0 is all; None: as many as the run itself, on its own test split.
      draws: K, the clips per photo, with the seeds 0, 1, ...; from 2 on, their mean and the best
        of K stand in the results' ``draws``. The rows are of the first clips alone or, of a model
        that takes a wind, of those in the winds of ``winds.KINDS``.
      metrics: those to add that need a network's weights; None: the run's own, and those that
        the results to be replaced have.
      output: default: ``results.json`` in the workdir (or beside a lone checkpoint).

    Returns:
      The results, as written; of a model that takes a wind also ``wind_prior``.

    Raises:
      FileNotFoundError: without a checkpoint or a data set.
      ValueError: for an unknown data set, split, kind of statistics or metric, or draws < 1.
      ImportError: if the package with a metric's weights is not installed.
    """
    check_draws(draws)
    network, variables, info = load_generator(path)
    animate = build_animator(network, variables, statistics=statistics)
    with_wind = winds.takes_wind(animate)
    if draws > 1 and not (animate.draws_noise or with_wind):
        raise ValueError(
            f"--draws={draws} is of models with noise, and {path} has none: all clips of a photo "
            "would be the same. Leave the option out."
        )
    config = read_config(paths.path(info["path"]))
    scored = EvaluationConfig.from_json(config)
    trained_on = DatasetConfig.from_json(config)
    wanted = dataclasses.replace(
        trained_on, name=dataset or trained_on.name, data_dir=data_dir or trained_on.data_dir
    )
    if clips is None:
        clips = scored.clips if split == "test" and not dataset else 0
    source = Take(open_split(wanted, split, config["seed"], wind=with_wind), clips)
    batch_size = min(scored.batch_size, len(source))
    protocol = {
        "statistics": statistics,
        "checkpoint": info["hash"],
        "step": int(info["step"]) if info["step"].isdigit() else info["step"],
    }
    target = paths.path(output) if output else _home(path) / "results.json"
    if metrics is None:
        metrics = _list_scored_metrics(scored.metrics, target)
    found = scoring.score_animator(
        animate, source, batch_size=batch_size, protocol=protocol, metrics=metrics
    )
    if with_wind:
        found["wind_prior"] = score_prior(animate.prior, source, batch_size=batch_size)
    if draws > 1:
        found["protocol"]["draws"] = draws
        found["draws"] = score_best_of_k(
            animate, source, batch_size=batch_size, k=draws, metrics=metrics
        )
    return _save(found, target)


def _list_scored_metrics(metrics: Sequence[str], target: AnyPath) -> tuple[str, ...]:
    """The pretrained metrics of the run and of its results."""
    try:
        before = read_results(target)["protocol"]
    except (FileNotFoundError, ValueError):  # none yet, or damaged: to be replaced
        before = {}
    return tuple(dict.fromkeys([*metrics, *before.get("perceptual", ())]))


def evaluate_files(
    predictions: str, reference: str, *, metrics: Sequence[str] = (), output: str | None = None
) -> dict:
    """Scores clips in files: .npz with ``clips``, or folders of videos with equal names.

    Returns, Raises: as ``scoring.score_files``.
    """
    predicted = paths.on_disk(predictions, "--predictions")
    real = paths.on_disk(reference, "--reference")
    found = scoring.score_files(predicted, real, metrics=metrics)
    target = paths.path(output) if output else default_output(predicted)
    return _save(found, target)


def _home(path: str | os.PathLike) -> AnyPath:
    """The workdir that a checkpoint belongs to, or the folder beside a lone one."""
    folder = find_checkpoint(path)
    return folder.parents[1] if folder.parent.name == FOLDER else folder.parent


def _save(found: dict, path: AnyPath) -> dict:
    save_results(found, path)
    print(f"\nWritten: {path}, {path.with_suffix('.png')}")
    return found
