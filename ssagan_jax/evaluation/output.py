"""What every evaluation leaves: a JSON file, a picture of curves, a table in the terminal."""

from ssagan_jax.evaluation.hints import label_rows
from ssagan_jax.evaluation.results import Results, write_results
from ssagan_jax.evaluation.results_table import format_draws, format_results
from ssagan_jax.evaluation.wind_prior import format_prior
from ssagan_jax.io.atomic import check_writable
from ssagan_jax.io.paths import AnyPath, is_bucket
from ssagan_jax.viz.frame_curves import plot_frame_curves


def check_output(path: AnyPath) -> None:
    """Raises now what ``save_results`` would raise about a path that people chose.

    Raises:
      ValueError: it does not end in ``.json``: the picture and the table of clips lie beside it.
      OSError: it cannot be written.
    """
    if path.suffix != ".json":
        raise ValueError(f"The results are JSON: expected --output=FILE.json, not {path}.")
    if not is_bucket(path):
        check_writable(path)


def save_results(results: Results, path: AnyPath) -> None:
    """Writes results to ``path`` and their curves beside it as a PNG; prints the table.

    Raises:
      OSError: if the files cannot be written.
      ValueError: if a number is NaN or infinite.
    """
    write_results(results, path)
    labels = label_rows(results["protocol"])
    plot_frame_curves(results, path.with_suffix(".png"), labels=labels)
    print(format_results(results))
    if "wind_prior" in results:
        print(f"\n{format_prior(results['wind_prior'])}")
    if "draws" in results:
        print(f"\n{format_draws(results)}")
