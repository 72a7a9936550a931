"""The bounds of the table ``wind``: computed from its test clips, where other rows are trained."""

from ssagan_jax.config.resolution import resolve
from ssagan_jax.config.schema import Config
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.data.splits import Take, open_split
from ssagan_jax.evaluation.bounds import predict_bounds
from ssagan_jax.evaluation.clip_table import find_clip_table
from ssagan_jax.evaluation.output import save_results
from ssagan_jax.evaluation.results import read_results
from ssagan_jax.evaluation.scoring import score_predictions
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.reproduce import plan
from ssagan_jax.reproduce.tables import Row

HOW = "ssagan reproduce --table=wind --train"
CLIPS = Row("", "", "wind")  # whose test clips are those of every row of the table


def score_missing_bounds(workdir: AnyPath, options: plan.Options) -> bool:
    """Writes ``results.json`` with a row for each bound, unless it is there.

    Args:
      workdir: where.
      options: which clips, by which metrics.

    Returns:
      Whether it was missing: not there, of other clips, or without a metric.

    Raises:
      FileNotFoundError: without the data set.
      OSError: if the file cannot be written.
    """
    config = resolve(plan.make_plan(CLIPS, options).config())
    source = Take(open_split(config.dataset, "test", config.seed), config.evaluation.clips)
    if _is_there(workdir / "results.json", source, options):
        return False
    target = workdir / "results.json"
    save_results(_score(source, config, options, find_clip_table(target)), target)
    return True


def _is_there(path: AnyPath, source: ClipSource, options: plan.Options) -> bool:
    if not path.exists():
        return False
    protocol = read_results(path)["protocol"]
    asked = set(options.metrics) <= protocol.get("perceptual", {}).keys()
    return asked and protocol["data"] == source.describe()


def _score(source: ClipSource, config: Config, options: plan.Options, clip_table: AnyPath) -> dict:
    return score_predictions(
        predict_bounds,
        source,
        batch_size=min(config.evaluation.batch_size, len(source)),
        protocol={"statistics": "running", "predictions": "made from the true clips"},
        metrics=options.metrics,
        clip_table=clip_table,
    )
