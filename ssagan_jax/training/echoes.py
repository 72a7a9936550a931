"""Of an error that is raised and explained: what libraries print besides."""

import errno
import logging
import sys
import threading
from typing import Any


def hide_echoes() -> None:
    """Of a full disk, one line remains.

    A save that fails raises its error where it is waited for. Besides, each other array of it says
    so in a traceback of its own (to asyncio's log, and from callbacks into an event loop that Orbax
    has closed), and so does TensorBoard's thread.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    sys.unraisablehook = _show_unraisable
    threading.excepthook = _show_of_thread


def _show_unraisable(unraisable: Any) -> None:
    if str(unraisable.exc_value) != "Event loop is closed":
        sys.__unraisablehook__(unraisable)


def _show_of_thread(failed: Any) -> None:
    if getattr(failed.exc_value, "errno", None) != errno.ENOSPC:
        threading.__excepthook__(failed)
