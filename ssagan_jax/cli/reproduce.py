"""``ssagan reproduce``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ssagan_jax.cli import STOPPED, names

HELP = "the paper's tables"
TAKES_OVERRIDES = True


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    tables = "cloud, stages, beach, pos, attention, gamma, losses, wind"
    parser.add_argument("--table", required=True, metavar="NAME", help=tables)
    parser.add_argument("--workdirs", default="runs/reproduce", metavar="DIR", help="of the rows")
    parser.add_argument("--train", action="store_true", help="train the rows that are missing")
    parser.add_argument("--rows", default="", metavar="A,B", help="only these rows")
    parser.add_argument("--budget", default="small", help="tiny, small (default) or full")
    parser.add_argument("--steps", type=int, default=0, metavar="N", help="instead of the budget's")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="runs of each row")
    text = "real clips; without: synthetic ones"
    parser.add_argument("--data-dir", default="", metavar="DIR", help=text)
    text = "another data set than the table's"
    parser.add_argument("--dataset", default="", metavar="NAME", help=text)
    text = "also: lpips_alex, fvd, ..."
    parser.add_argument("--metrics", type=names, default=(), metavar="A,B", help=text)
    text = "of batch norms, to score by: running (default), or batch as the authors did"
    parser.add_argument("--statistics", default="running", metavar="NAME", help=text)
    text = "pos: rater,pair,left,right,chosen"
    parser.add_argument("--votes", default="", metavar="FILE.csv", help=text)
    parser.epilog = "--config.key=value goes to every row that has the key, after the budget's own"


def run(arguments: Namespace, overrides: Sequence[str]) -> int:
    """Writes a table; 1 if a row could not be trained, ``STOPPED`` if a signal stopped one."""
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.io import paths
    from ssagan_jax.reproduce.command import reproduce
    from ssagan_jax.reproduce.plan import Options

    set_up_jax()
    options = Options(
        table=arguments.table,
        workdirs=paths.path(arguments.workdirs),
        budget=arguments.budget,
        data_dir=arguments.data_dir,
        dataset=arguments.dataset,
        seeds=arguments.seeds,
        steps=arguments.steps,
        metrics=arguments.metrics,
        statistics=arguments.statistics,
        overrides=tuple(overrides),
    )
    outcome = reproduce(options, rows=arguments.rows, train=arguments.train, votes=arguments.votes)
    for name, reason in outcome.failed.items():
        print(f"ssagan: {name} was not trained. {reason}", file=sys.stderr)
    return STOPPED if outcome.stopped else int(bool(outcome.failed))
