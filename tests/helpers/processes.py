"""``ssagan`` with stub networks, which compile in a second: see test_multi_process.

python tests/helpers/processes.py [--stop_at=K] train --config=... --workdir=... [--coordinator=...]
"""

import os
import signal
import sys

from ssagan_jax import models
from ssagan_jax.cli import main as cli
from tests.helpers import stubs


def small(kind):
    def make(name, *, size, frames, **_):
        return kind(size=size, frames=frames)

    return make


def stop_after(step, process):
    """Sends the signal of a preempted machine to one process, after this step."""
    from ssagan_jax.training import run

    plain = run.Run.after_step

    def after_step(self, now, *rest):
        plain(self, now, *rest)
        if now == step and run.jax.process_index() == process:
            os.kill(os.getpid(), signal.SIGTERM)

    run.Run.after_step = after_step


def main(arguments):
    models.generator, models.discriminator = small(stubs.Generator), small(stubs.Discriminator)
    if arguments[0].startswith("--stop_at="):
        step, process = arguments.pop(0).partition("=")[2].split(",")
        stop_after(int(step), int(process))
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
