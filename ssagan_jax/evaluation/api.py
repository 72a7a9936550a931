"""``ssagan evaluate``: opens what is to be scored, writes and prints the results."""

from collections.abc import Mapping, Sequence

from ssagan_jax.animation import animator
from ssagan_jax.checkpoints.networks import FOLDER, find_checkpoint, load_generator
from ssagan_jax.data.splits import Take, open_split
from ssagan_jax.evaluation import best_of_k as several
from ssagan_jax.evaluation import results, scoring
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath


def checkpoint(
    path: str,
    *,
    dataset: str | None = None,
    data_dir: str | None = None,
    split: str = "test",
    statistics: str = "running",
    clips: int | None = None,
    draws: int = 1,
    metrics: Sequence[str] | None = None,
    output: str | None = None,
) -> dict:
    """Scores a checkpoint on a data set (by default the one it was trained on).

    Args:
      path: a workdir, or one checkpoint folder.
      dataset: another data set, read at the model's size, length and frame step.
      data_dir: where the data set was built, if not where the run read it.
      split: ``train`` or ``test``.
      statistics: what batch normalisation uses: ``running``, or ``batch`` as the authors did.
      clips: how many to score; 0 is all; None: as many as the run itself, on its own test split.
      draws: clips per photo, with the seeds 0, 1, ...; from 2 on, the mean of the best ones
        stands in the results' ``draws``, beside the first ones', which alone make the rows.
      metrics: those to add that need a network's weights; None: the run's own, and those that
        the results to be replaced have.
      output: default: ``results.json`` in the workdir (or beside a lone checkpoint).

    Returns:
      The results, as written.

    Raises:
      FileNotFoundError: without a checkpoint or a data set.
      ValueError: for an unknown data set, split, kind of statistics or metric, or no draws.
      ImportError: if the package with a metric's weights is not installed.
    """
    several.check(draws)
    config, variables, info = load_generator(path)
    animate = animator.assemble(config, variables, statistics=statistics)
    if draws > 1 and not animate.draws_noise:
        raise ValueError(
            f"--draws={draws} is of models with noise, and {path} has none: all clips of a photo "
            "would be the same. Leave the option out."
        )
    options = dict(config["dataset"])
    options |= {key: v for key, v in (("name", dataset), ("data_dir", data_dir)) if v}
    if clips is None:
        clips = config.get("eval_clips", 0) if split == "test" and not dataset else 0
    source = Take(open_split({**config, "dataset": options}, split), clips)
    batch_size = min(config["eval_batch_size"], len(source))
    protocol = {
        "statistics": statistics,
        "checkpoint": info["hash"],
        "step": int(info["step"]) if info["step"].isdigit() else info["step"],
    }
    target = paths.path(output) if output else _home(path) / "results.json"
    if metrics is None:
        metrics = _scored_by(config, target)
    found = scoring.evaluate(
        animate, source, batch_size=batch_size, protocol=protocol, metrics=metrics
    )
    if draws > 1:
        found["protocol"]["draws"] = draws
        found["draws"] = several.best_of(animate, source, batch_size=batch_size, draws=draws)
    return _report(found, target)


def _scored_by(config: Mapping, target: AnyPath) -> tuple[str, ...]:
    """The learnt metrics of the run (earlier versions' say nothing of them) and of its results."""
    try:
        before = results.read_results(target)["protocol"]
    except (FileNotFoundError, ValueError):  # none yet, or damaged: to be replaced
        before = {}
    return tuple(dict.fromkeys([*config.get("metrics", ()), *before.get("perceptual", ())]))


def files(
    predictions: str, reference: str, *, metrics: Sequence[str] = (), output: str | None = None
) -> dict:
    """Scores clips in files: .npz with ``clips``, or folders of videos with equal names.

    Returns, Raises: as ``evaluate.evaluate_predictions``.
    """
    predicted = paths.on_disk(predictions, "--predictions")
    real = paths.on_disk(reference, "--reference")
    found = scoring.evaluate_predictions(predicted, real, metrics=metrics)
    target = paths.path(output) if output else results.default_output(predicted)
    return _report(found, target)


def _home(path: str) -> AnyPath:
    """The workdir that a checkpoint belongs to, or the folder beside a lone one."""
    folder = find_checkpoint(path)
    return folder.parents[1] if folder.parent.name == FOLDER else folder.parent


def _report(found, path: AnyPath) -> dict:
    results.write_results(found, path)
    results.plot_curves(found, path.with_suffix(".png"))
    print(results.table(found))
    if "draws" in found:
        print(f"\n{several.table(found['draws'])}")
    print(f"\nWritten: {path}, {path.with_suffix('.png')}")
    return found
