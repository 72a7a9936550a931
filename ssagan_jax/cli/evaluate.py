"""``ssagan evaluate``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ssagan_jax.cli import names

HELP = "score clips"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--workdir", metavar="DIR", help="a training run, or one checkpoint")
    parser.add_argument("--dataset", metavar="NAME", help="another data set than the run's")
    parser.add_argument("--data-dir", metavar="DIR", help="where that was built")
    parser.add_argument("--split", help="train or test (default)")
    text = "a local folder to copy it to once (default: the run's; empty: none)"
    parser.add_argument("--cache", metavar="DIR", help=text)
    parser.add_argument("--statistics", default="running", help="running (default) or batch")
    parser.add_argument(
        "--clips", type=int, metavar="N", help="the first N; 0: all (default: as the run scores)"
    )
    text = "of noise or winds: also score K clips a photo, their mean and the best"
    parser.add_argument("--draws", type=int, default=1, metavar="K", help=text)
    parser.add_argument(
        "--metrics",
        type=names,
        metavar="A,B",
        help="also these: lpips_alex, lpips_vgg, fvd, kvd (default: those it was scored by)",
    )
    text = "one that others publish scores by: stylegan-v, cinn"
    parser.add_argument("--protocol", metavar="NAME", help=text)
    text = "also score the model with its gammas at 0, as a row of its own"
    parser.add_argument("--without-attention", action="store_true", help=text)
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
    if arguments.workdir:
        api.evaluate_checkpoint(
            arguments.workdir,
            dataset=arguments.dataset,
            data_dir=arguments.data_dir,
            cache=arguments.cache,
            split=arguments.split,
            statistics=arguments.statistics,
            clips=arguments.clips,
            draws=arguments.draws,
            metrics=arguments.metrics,
            protocol=arguments.protocol,
            without_attention=arguments.without_attention,
            output=arguments.output,
        )
        return
    if not arguments.reference:
        raise ValueError("--predictions=P needs --reference=R, the true clips.")
    if arguments.protocol:
        raise ValueError("--protocol=NAME chooses a model's clips: it needs --workdir=DIR.")
    if arguments.draws != 1:
        raise ValueError("--draws=K needs a model to draw from: --workdir=DIR.")
    if arguments.without_attention:
        raise ValueError("--without-attention needs the model itself: --workdir=DIR.")
    api.evaluate_files(
        arguments.predictions,
        arguments.reference,
        metrics=arguments.metrics or (),
        output=arguments.output,
    )
