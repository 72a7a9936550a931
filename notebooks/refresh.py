"""Makes the notebooks from the scripts beside them; run it after a change of a script.

    python notebooks/refresh.py             # the stored figure stays as it is
    python notebooks/refresh.py --figure    # runs the notebook that stores one, for a new one

Notebooks are stored without outputs, but for the picture, still or moving, of a cell with the tag
``figure``. For jupytext and nbclient: pip install -e '.[notebooks]'.
"""

import copy
import os
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
SCRIPTS = tuple(path for path in sorted(FOLDER.glob("*.py")) if path.name != "refresh.py")
PICTURES = ("image/gif", "image/png")  # the first that there is
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
    "accelerator": "GPU",  # Colab asks for one by itself
    "colab": {"provenance": []},
}


def made(script: Path) -> nbformat.NotebookNode:
    """The notebook of a script, with the figure that is stored in the notebook there, if any."""
    book = jupytext.read(script, fmt="py:percent")
    book.metadata = nbformat.from_dict(METADATA)
    stored = figure(script.with_suffix(".ipynb"))
    for number, cell in enumerate(book.cells):
        cell.id = f"{script.stem}-{number}"
        cell.metadata.pop("lines_to_next_cell", None)
        if stored and tagged(cell):
            cell.outputs = stored
    return book


def tagged(cell) -> bool:
    """Whether a cell's figure is kept."""
    return "figure" in cell["metadata"].get("tags", ())


def figure(path: Path) -> list:
    """The outputs of the notebook's cell whose figure is kept."""
    if not path.exists():
        return []
    book = nbformat.read(path, as_version=4)
    return next((cell.outputs for cell in book.cells if tagged(cell)), [])


def run(book: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Runs a notebook in a folder, against this checkout; stops at the first error."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    client = NotebookClient(
        book, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=environment)
    return book


def picture(cell) -> list:
    """A cell's picture, and nothing else of its outputs."""
    found = []
    for output in cell.outputs:
        kind = next((kind for kind in PICTURES if kind in output.get("data", {})), None)
        if kind:
            data = {kind: output.data[kind]}
            found.append(nbformat.v4.new_output("display_data", data, metadata=output.metadata))
    return found


def main(arguments: list[str]) -> None:
    """Writes every notebook."""
    for script in SCRIPTS:
        book = made(script)
        if "--figure" in arguments and any(map(tagged, book.cells)):
            with tempfile.TemporaryDirectory() as folder:
                ran = run(copy.deepcopy(book), Path(folder))
            for cell, done in zip(book.cells, ran.cells, strict=True):
                if tagged(cell):
                    cell.outputs = picture(done)
        nbformat.write(book, script.with_suffix(".ipynb"))


if __name__ == "__main__":
    main(sys.argv[1:])
