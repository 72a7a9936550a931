"""The raters' page: its files, which the server and the exported folder share."""

from importlib import resources
from pathlib import Path

KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def read_page() -> dict[str, bytes]:
    """The page's files by name: in memory, so no request ever names a file on the disk."""
    folder = resources.files("ssagan_jax.reproduce.study") / "static"
    return {
        file.name: file.read_bytes() for file in folder.iterdir() if Path(file.name).suffix in KINDS
    }
