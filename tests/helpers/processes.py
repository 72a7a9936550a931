"""``ssagan`` with stub networks, which compile in a second, and with signals at chosen places.

python tests/helpers/processes.py [--at=PLACE,PROCESS,SIGNAL ...] train --config=... --workdir=...

PLACE is ``step:K`` (after step K), ``compiling``, ``showing``, ``sampling``, ``scoring`` or
``saving``; the process sends the signal (TERM, KILL, ...) to itself there, once. SLEEP instead
waits there.
"""

import os
import signal
import sys
import time

from ssagan_jax import models
from ssagan_jax.cli import main as cli
from tests.helpers import stubs


def small(kind):
    def make(name, *, size, frames, **_):
        return kind(size=size, frames=frames)

    return make


def before(owner, name, act):
    """``act(*arguments)`` each time before a function."""
    plain = getattr(owner, name)

    def acting(*arguments, **options):
        act(*arguments)
        return plain(*arguments, **options)

    setattr(owner, name, acting)


def send_at(place, process, what):
    """Sends this process the signal at a place; once."""
    from ssagan_jax.training import full_checkpoints, loop, run, samples

    place, _, step = place.partition(":")
    left = [what]

    def act(*arguments):
        if run.jax.process_index() != int(process) or not left:
            return
        if step and arguments[1] != int(step):
            return
        left.pop()
        if what == "SLEEP":
            time.sleep(1000)
        os.kill(os.getpid(), getattr(signal, f"SIG{what}"))

    owner, name = {
        "step": (run.Run, "after_step"),
        "compiling": (loop, "compile_steps"),
        "showing": (run.Run, "show"),
        "sampling": (samples, "write_samples"),
        "scoring": (samples, "score_test_clips"),
        "saving": (full_checkpoints.Checkpoints, "save"),
    }[place]
    before(owner, name, act)


def main(arguments):
    models.generator, models.discriminator = small(stubs.Generator), small(stubs.Discriminator)
    while arguments[0].startswith("--at="):
        send_at(*arguments.pop(0).partition("=")[2].split(","))
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
