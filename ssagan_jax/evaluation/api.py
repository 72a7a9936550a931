"""The two entry points: scores a checkpoint, or clips in files; writes and prints the results."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ssagan_jax.animation.animator import build_animator
from ssagan_jax.checkpoints.loading import find_home, load_generator, read_config
from ssagan_jax.config.schema import DatasetConfig, EvaluationConfig
from ssagan_jax.data.splits import Take, open_split
from ssagan_jax.evaluation import hints, scoring
from ssagan_jax.evaluation.best_of_k import check_draws, score_best_of_k
from ssagan_jax.evaluation.clip_table import find_clip_table
from ssagan_jax.evaluation.output import check_output, save_results
from ssagan_jax.evaluation.protocols import FittedAnimator, Protocol, find_protocol
from ssagan_jax.evaluation.results import default_output, read_results
from ssagan_jax.evaluation.wind_prior import score_prior
from ssagan_jax.evaluation.winds import takes_wind
from ssagan_jax.io import paths
from ssagan_jax.io.hub_models import is_address
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.viz.attention_maps import replace_gamma

WITHOUT = "without_attention"  # the row of a model whose gammas are set to 0
PROTOCOL_SEED = 0  # of the random windows of a published protocol: the same for every run


def evaluate_checkpoint(
    path: str | os.PathLike,
    *,
    dataset: str | None = None,
    data_dir: str | None = None,
    cache: str | None = None,
    split: str | None = None,
    statistics: str = "running",
    clips: int | None = None,
    draws: int = 1,
    metrics: Sequence[str] | None = None,
    protocol: str | None = None,
    without_attention: bool = False,
    output: str | os.PathLike | None = None,
) -> dict:
    """Scores a checkpoint on a data set (by default the one it was trained on).

    Args:
      path: a workdir, one checkpoint folder, or what else ``loading.load_generator`` takes.
      dataset: another data set, read at the model's size, length and frame step.
      data_dir: where the data set was built, if not where the run read it.
      cache: where it is copied to, if not where the run did; empty: nowhere.
      split: ``train`` or ``test``; None: ``test``, or the protocol's.
      statistics: what batch normalisation uses: ``running``, or ``batch`` as the authors did.
      clips: how many to score; 0 is all; None: as many as the run itself, on its own test split.
      draws: K, the clips per photo, with the seeds 0, 1, ...; from 2 on, their mean and the best
        of K stand in the results' ``draws``. The rows are of the first clips alone or, of a model
        that takes a wind or a mask, those of ``hints``.
      metrics: those to add that need a network's weights; None: the run's own, and those that
        the results to be replaced have.
      protocol: one that others publish scores by (``evaluation.protocols``): it says which clips
        are scored, at which size, and by which metrics at least.
      without_attention: adds the row ``without_attention``: the same model, its gammas set to 0.
      output: default: ``results.json`` in the workdir (in a model folder, beside a lone
        checkpoint), with a protocol ``results_PROTOCOL.json``. Of the hub's it must be given.

    Returns:
      The results, as written; of a model that takes a wind also ``wind_prior``.

    Raises:
      FileNotFoundError: without a checkpoint or a data set.
      ValueError: for an unknown data set, split, kind of statistics, metric or protocol, another
        split than the protocol's, a model of too short clips for it, one without gammas whose
        attention is to be left out, an output that is no ``.json``, or draws < 1.
      OSError: the output cannot be written; found before anything is scored.
      ImportError: if the package with a metric's weights is not installed.
    """
    check_draws(draws)
    if is_address(path) and not output:
        raise ValueError(f"{path} has no folder to write into. Say where: --output=FILE.json.")
    published = find_protocol(protocol) if protocol else None
    network, variables, info = load_generator(path)
    model = build_animator(network, variables, statistics=statistics)
    with_wind = takes_wind(model)
    asked = {"wind": with_wind, "mask": hints.takes_mask(model)}
    if draws > 1 and not (model.draws_noise or with_wind):
        raise ValueError(
            f"--draws={draws} is of models with noise, and {path} has none: all clips of a photo "
            "would be the same. Leave the option out."
        )
    animate = FittedAnimator(model, published) if published else model
    controls = {}
    if without_attention:
        bare = build_animator(network, _without_attention(variables), statistics=statistics)
        controls[WITHOUT] = FittedAnimator(bare, published) if published else bare
    config = read_config(info["path"])
    scored = EvaluationConfig.from_json(config)
    trained_on = DatasetConfig.from_json(config)
    wanted = dataclasses.replace(
        trained_on,
        name=dataset or trained_on.name,
        data_dir=data_dir or trained_on.data_dir,
        cache=trained_on.cache if cache is None else cache,
    )
    if published:
        source = _open_published(published, wanted, split, clips, asked)
    else:
        split = split or "test"
        if clips is None:
            clips = scored.clips if split == "test" and not dataset else 0
        source = Take(open_split(wanted, split, config["seed"], **asked), clips)
    batch_size = min(scored.batch_size, len(source))
    name = f"results_{published.name}.json" if published else "results.json"
    target = paths.path(output) if output else find_home(path) / name
    check_output(target)
    if metrics is None:
        metrics = _list_scored_metrics(published.metrics if published else scored.metrics, target)
    described = {
        "statistics": statistics,
        "checkpoint": info["hash"],
        "step": int(info["step"]) if info["step"].isdigit() else info["step"],
        **(published.describe(model) if published else {}),
    }
    first_embedded = published.first_embedded if published else 0
    found = scoring.score_animator(
        animate,
        source,
        batch_size=batch_size,
        protocol=described,
        metrics=metrics,
        first_embedded=first_embedded,
        clip_table=find_clip_table(target),
        controls=controls,
    )
    if with_wind:
        found["wind_prior"] = score_prior(animate.prior, source, batch_size=batch_size)
    if draws > 1:
        found["protocol"]["draws"] = draws
        found["draws"] = score_best_of_k(
            animate,
            source,
            batch_size=batch_size,
            k=draws,
            metrics=metrics,
            first_embedded=first_embedded,
        )
    return _save(found, target)


def _without_attention(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables with every gamma at 0.

    Raises:
      ValueError: if there is none.
    """
    if not any("gamma" in block for block in variables["params"].values()):
        raise ValueError(
            "--without-attention sets the gammas of attention to 0, and this model has none. "
            "Leave the option out."
        )
    return replace_gamma(variables, 0.0)


def _open_published(
    protocol: Protocol,
    dataset: DatasetConfig,
    split: str | None,
    clips: int | None,
    asked: Mapping[str, bool],
) -> Take:
    """The clips that a published protocol scores."""
    if split not in (None, protocol.split):
        raise ValueError(
            f"The protocol {protocol.name} scores the split {protocol.split}, not {split}. Leave "
            "--split out."
        )
    source = open_split(protocol.clips_of(dataset), protocol.split, PROTOCOL_SEED, **asked)
    return Take(source, protocol.clips if clips is None else clips)


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

    Returns, Raises: as ``scoring.score_files``; and of the output, as ``evaluate_checkpoint``.
    """
    predicted = paths.on_disk(predictions, "--predictions")
    real = paths.on_disk(reference, "--reference")
    target = paths.path(output) if output else default_output(predicted)
    if output or predicted.exists():  # else no folder is made: what is missing is said
        check_output(target)
    found = scoring.score_files(
        predicted, real, metrics=metrics, clip_table=find_clip_table(target)
    )
    return _save(found, target)


def _save(found: dict, path: AnyPath) -> dict:
    save_results(found, path)
    print(f"\nWritten: {path}, {path.with_suffix('.png')}, {find_clip_table(path)}")
    return found
