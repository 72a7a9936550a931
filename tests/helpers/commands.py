"""Commands that must fail."""

from pathlib import Path

from ssagan_jax.cli.main import main

ROOT = Path(__file__).parent.parent.parent
TINY = f"--config={ROOT}/configs/ssagan.py:tiny"


def refused(capsys, *argv) -> str:
    """The error line of a command that must fail; notes before it are left out."""
    assert main(argv) == 1
    lines = capsys.readouterr().err.splitlines(keepends=True)
    error = "".join(line for line in lines if not line.startswith("note: "))
    assert error.startswith("ssagan: ")
    assert "Traceback" not in error
    return error
