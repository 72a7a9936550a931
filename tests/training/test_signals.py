"""Signals that ask a run to stop."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from ssagan_jax.cli import STOPPED
from ssagan_jax.training.signals import NUMBERS, StopSignal


@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_signal_is_noted_and_the_second_acts(number, capsys):
    def own(*_):
        raise KeyboardInterrupt

    before = signal.signal(number, own)
    stop = StopSignal()
    try:
        with stop.caught(), stop.saving():
            assert not stop.received
            signal.raise_signal(number)
            assert stop.received and stop.name == number.name
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
        assert signal.getsignal(number) is own
    finally:
        signal.signal(number, before)
    assert f"{number.name}: saving after this step. Once more ends" in capsys.readouterr().out


def test_without_a_signal_all_is_as_before():
    before = signal.getsignal(signal.SIGTERM)
    with StopSignal().caught():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_may_be_left_undone_is_broken_off_and_then_not_begun():
    stop, done = StopSignal(), []

    def work():
        done.append(1)
        signal.raise_signal(signal.SIGTERM)
        done.append(2)

    assert stop.run_unless_received(lambda: 3) == 3
    with stop.caught():
        assert stop.run_unless_received(work) is None
        assert stop.run_unless_received(lambda: 3) is None
    assert done == [1]


def test_outside_of_the_main_thread_no_handler_is_touched():
    before, during = signal.getsignal(signal.SIGTERM), []

    def work():
        with StopSignal().saving():
            during.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert during == [before]


# The main thread is in one long call, as while XLA compiles: ``ctypes`` lets go of the lock.
PROCESS = """
import contextlib, ctypes
from ssagan_jax.training.signals import StopSignal
stop = StopSignal()
stop.before_exit.append(lambda: print("released", flush=True))
with stop.watched(), {context}:
    print("ready", flush=True)
    libc = ctypes.CDLL(None)
    while True:
        libc.poll(None, 0, 20_000)
"""


@pytest.mark.parametrize(
    ("context", "numbers", "status", "line"),
    [
        ("contextlib.nullcontext()", [signal.SIGTERM], STOPPED, "SIGTERM before the first step"),
        ("contextlib.nullcontext()", [signal.SIGHUP], STOPPED, "SIGHUP before the first step"),
        ("contextlib.nullcontext()", [signal.SIGINT], 130, "SIGINT before the first step"),
        ("stop.saving()", [signal.SIGTERM, signal.SIGUSR1], 138, "SIGUSR1 again"),
    ],
)
def test_a_process_in_a_long_call_ends_at_once(context, numbers, status, line):
    program = [sys.executable, "-c", PROCESS.format(context=context)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, **pipes) as process:
        assert process.stdout.readline() == "ready\n"
        for number in numbers:
            os.kill(process.pid, number)
            time.sleep(0.2)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert line in errors and out.endswith("released\n")


def test_a_signal_in_the_middle_of_a_print_is_noted(monkeypatch, capfd):
    class Busy:
        def write(self, text):
            raise RuntimeError("reentrant call inside <_io.BufferedWriter name='<stdout>'>")

        flush = write

    stop = StopSignal()
    monkeypatch.setattr(sys, "stdout", Busy())
    with stop.saving():
        signal.raise_signal(signal.SIGUSR1)
    monkeypatch.undo()
    assert stop.name == "SIGUSR1"
    assert "SIGUSR1: saving after this step" in capfd.readouterr().out
