"""What libraries print of errors that are raised as well is not shown; everything else is."""

import errno
import logging
import sys
import threading

import pytest

from ssagan_jax.training.echoes import hide_echoes


@pytest.fixture(autouse=True)
def hidden(monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    level = logging.getLogger("asyncio").level
    hide_echoes()
    yield
    logging.getLogger("asyncio").setLevel(level)


@pytest.mark.parametrize(("text", "shown"), [("Event loop is closed", False), ("other", True)])
def test_callbacks_that_come_too_late(text, shown, capfd):
    class Callback:
        def __del__(self):
            raise RuntimeError(text)

    Callback()
    assert (text in capfd.readouterr().err) == shown


@pytest.mark.parametrize(("number", "shown"), [(errno.ENOSPC, False), (errno.EIO, True)])
def test_threads_on_a_full_disk(number, shown, capfd):
    def fail():
        raise OSError(number, "told")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert ("told" in capfd.readouterr().err) == shown
