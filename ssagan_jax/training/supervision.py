"""``ssagan train --restarts=N``: the run in a process of its own, started again after a crash."""

import signal
import subprocess
import sys
from collections.abc import Sequence

from ssagan_jax.training.signals import NUMBERS

OPTION = "--restarts"
FINAL = (0, 1, 2, 130)  # done, an error that would come again, a wrong option, Ctrl-C


def supervise(restarts: int, command: Sequence[str] = ()) -> int:
    """Runs this very command without ``--restarts``; signals are handed on.

    Args:
      restarts: how often it is started again after it was killed, hung or was stopped by somebody
        else; not after an error that it explains.
      command: another one, for tests.

    Returns:
      Its last exit status; 128 and the signal's number if a signal ended it.

    Raises:
      ValueError: for fewer than 0.
    """
    if restarts < 0:
        raise ValueError(f"{OPTION} is {restarts}; expected 0 or more.")
    command = command or _without_option(sys.orig_argv)
    asked: list[int] = []  # signals that we got
    for left in range(restarts, -1, -1):
        status = _run(command, asked)
        if status in FINAL or asked or not left:
            break
        print(
            f"ssagan: the run ended with status {status}: starting it again ({left - 1} more "
            "after this).",
            file=sys.stderr,
            flush=True,
        )
    return status


def _run(command: Sequence[str], asked: list[int]) -> int:
    # A session of its own: Ctrl-C in a terminal would reach it twice.
    with subprocess.Popen(command, start_new_session=True) as process:

        def hand_on(number: int, _: object) -> None:
            asked.append(number)
            process.send_signal(number)

        before = {number: signal.signal(number, hand_on) for number in NUMBERS}
        try:
            status = process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _without_option(argv: Sequence[str]) -> list[str]:
    words = [sys.executable, *argv[1:]]
    for index, word in enumerate(words):
        if word == OPTION:
            return words[:index] + words[index + 2 :]
        if word.startswith(f"{OPTION}="):
            return words[:index] + words[index + 1 :]
    return words
