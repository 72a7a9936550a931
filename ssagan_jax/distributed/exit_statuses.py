"""Exit statuses that whatever starts a run may act on: docs/launch.md."""

STOPPED = 75  # a run that saved and stopped: "try again" in sysexits.h
HUNG = 76  # its watchdog ended it, or it lost another process: start it again
