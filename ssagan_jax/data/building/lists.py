"""Lists of files, one a line, as editors and shells of all systems write them."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.io.media_files import printable
from ssagan_jax.io.user_folders import expanded

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_list(list_file: str, folder: Path) -> tuple[list[Path], list[Skipped]]:
    """The files that a list names, in its order, and those lines that name none.

    Paths are relative to ``folder``, or absolute and inside of it; a ``/`` before a relative one,
    quotes, ``\\`` for ``/``, spaces around a name and other forms of its Unicode are seen through
    where the name as it stands is not there. Lines that begin with ``#`` are comments.

    Raises:
      FileNotFoundError: if there is no such list.
      ValueError: if it is no text, or a path leads out of the folder.
    """
    path = expanded(list_file)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist. Expected a text file, one path a line.")
    found: dict[Path, int] = {}
    odd: list[Skipped] = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", _text(path)), start=1):
        if not line.strip():
            continue
        file = next((file for file in _readings(line, folder) if file.is_file()), None)
        if file is None and line.lstrip().startswith("#"):
            continue
        where = file or next(_readings(line, folder))
        _check_inside(where, folder, f"{path}, line {number}")
        if file is None:
            odd.append(Skipped(str(where), "listed, but not there"))
        elif file in found:
            reason = f"listed again in line {number}: taken once, as in line {found[file]}"
            odd.append(Skipped(str(file), reason, kept=True))
        else:
            found[file] = number
    return list(found), odd


def _text(path: Path) -> str:
    """A list's text; bytes that are no UTF-8 stay what they are in names of files."""
    data = path.read_bytes()
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(
                encoding, "surrogateescape" if len(mark) == 3 else "replace"
            )
    if b"\0" in data:
        raise ValueError(f"{path} is no list: it has zero bytes. Expected text, one path a line.")
    return data.decode("utf-8", "surrogateescape")


def _readings(line: str, folder: Path) -> Iterator[Path]:
    """The files that a line may mean, the likeliest first."""
    bare = line.strip()
    unquoted = bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] in "\"'" else bare
    for text in dict.fromkeys((unquoted, unquoted.replace("\\", "/"), bare, line)):
        for form in (text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))):
            absolute = Path(form)
            if absolute.is_absolute() and absolute.is_relative_to(folder.absolute()):
                yield folder / absolute.relative_to(folder.absolute())
            yield folder / form.lstrip("/")


def _check_inside(file: Path, folder: Path, line: str) -> None:
    parts = PurePosixPath(file.relative_to(folder).as_posix().replace("\\", "/")).parts
    if ".." in parts or (parts and re.fullmatch(r"[A-Za-z]:", parts[0])):
        raise ValueError(
            f'{line}: "{printable(str(file.relative_to(folder)))}" leads out of {folder}. Expected '
            "paths relative to that folder."
        )
