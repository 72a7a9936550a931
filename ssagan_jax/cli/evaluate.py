"""``ssagan evaluate``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ssagan_jax.cli import names

HELP = "score clips"
# Options of ``api.evaluate_checkpoint`` alone.
OF_MODELS = (
    *("dataset", "data_dir", "cache", "split", "statistics", "clips", "draws"),
    *("protocol", "without_attention"),
)


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--workdir", metavar="DIR", help="a training run, or one checkpoint")
    parser.add_argument("--dataset", metavar="NAME", help="another data set than the run's")
    parser.add_argument("--data-dir", metavar="DIR", help="where that was built")
    parser.add_argument("--split", help="train or test (default)")
    text = "a local folder to copy it to once (default: the run's; empty: none)"
    parser.add_argument("--cache", metavar="DIR", help=text)
    parser.add_argument("--statistics", help="running (default) or batch")
    parser.add_argument(
        "--clips", type=int, metavar="N", help="the first N; 0: all (default: as the run scores)"
    )
    text = "of noise or winds: also score K clips a photo, their mean and the best"
    parser.add_argument("--draws", type=int, metavar="K", help=text)
    parser.add_argument(
        "--metrics",
        type=names,
        metavar="A,B",
        help="also these: lpips_alex, lpips_vgg, fvd, kvd (default: those it was scored by)",
    )
    text = "one that others publish scores by: stylegan-v, cinn"
    parser.add_argument("--protocol", metavar="NAME", help=text)
    text = "also score the model with its gammas at 0, as a row of its own"
    parser.add_argument("--without-attention", action="store_true", default=None, help=text)
    parser.add_argument("--predictions", metavar="P", help=".npz or folder of videos to score")
    parser.add_argument("--reference", metavar="R", help="the true clips, likewise")
    parser.add_argument("--output", metavar="FILE.json", help="where the results go")


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Scores a checkpoint, or clips in files."""
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.evaluation import api

    set_up_jax()
    if bool(arguments.workdir) == bool(arguments.predictions):
        raise ValueError("Give either --workdir=DIR or --predictions=P with --reference=R.")
    given = {name: value for name in OF_MODELS if (value := getattr(arguments, name)) is not None}
    if arguments.workdir:
        if arguments.reference:
            raise ValueError(
                "--reference=R goes with --predictions=P: a model is scored on a data set."
            )
        api.evaluate_checkpoint(
            arguments.workdir, metrics=arguments.metrics, output=arguments.output, **given
        )
        return
    if not arguments.reference:
        raise ValueError("--predictions=P needs --reference=R, the true clips.")
    if given:
        option = next(iter(given)).replace("_", "-")
        raise ValueError(f"--{option} is of a model, --workdir=DIR: files are scored as they are.")
    api.evaluate_files(
        arguments.predictions,
        arguments.reference,
        metrics=arguments.metrics or (),
        output=arguments.output,
    )
