"""What every evaluation leaves: a JSON file, a picture of curves, a table in the terminal."""

from ssagan_jax.evaluation.hints import label_rows
from ssagan_jax.evaluation.results import Results, write_results
from ssagan_jax.evaluation.results_table import format_draws, format_results
from ssagan_jax.evaluation.wind_prior import format_prior
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.viz.frame_curves import plot_frame_curves


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
