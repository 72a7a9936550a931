"""Clips that lie in files, one by one: the sources that given predictions are scored from.

Sources as in ``ssagan_jax.data.contract``, which also know their clips' names.
"""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ssagan_jax.io import media_files, video_files
from ssagan_jax.io.array_files import read_npz


def open_clips(path: Path) -> "FileSource":
    """Opens an .npz file or a folder of videos.

    Args:
      path: an .npz file with ``clips``, uint8 [n t h w 3] (held in memory as a whole),
        or a folder of videos (read one at a time).

    Raises:
      FileNotFoundError: if there is nothing at ``path``.
      ValueError: if what is there holds no clips in one of these forms.
    """
    if path.is_dir():
        return FolderSource(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. Give an .npz file or a folder of videos.")
    return ArraySource(path)


class ArraySource:
    """The clips of an .npz file."""

    def __init__(self, path: Path):
        self.path = path
        self.clips = _load_npz(path)
        self.names = [str(index) for index in range(len(self.clips))]

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"clip": self.clips[index], "video": f"{self.path}, clip {index}"}

    def describe(self) -> dict[str, Any]:
        """The entry of the protocol: where the clips come from, and their hash."""
        return {"dataset": "npz", "reference": self.path.name, "sha256": _sha256([self.path])}


class FolderSource:
    """The videos of a folder, by name; hidden ones and what systems leave there are none."""

    def __init__(self, path: Path):
        self.path = path
        self.files = media_files.files_in(path, media_files.VIDEO_SUFFIXES)
        self.names = [file.name for file in self.files]
        if not self.files:
            kinds = ", ".join(media_files.VIDEO_SUFFIXES)
            raise ValueError(f"{path} holds no videos ({kinds}).")

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"clip": video_files.read_video(self.files[index]), "video": str(self.files[index])}

    def describe(self) -> dict[str, Any]:
        """The entry of the protocol: where the clips come from, and their hash."""
        return {"dataset": "folder", "reference": self.path.name, "sha256": _sha256(self.files)}


FileSource = ArraySource | FolderSource


def check_same_clips(predictions: FileSource, reference: FileSource) -> None:
    """Checks that two sources are of one kind and hold clips of the same names.

    Raises:
      ValueError: naming both, if they differ.
    """
    both = f"predictions {predictions.path} and reference {reference.path}"
    if type(predictions) is not type(reference):
        raise ValueError(f"The {both} must be two .npz files or two folders of videos.")
    if len(predictions) != len(reference) and isinstance(reference, ArraySource):
        raise ValueError(f"The {both} hold {len(predictions)} and {len(reference)} clips.")
    missing = sorted(set(reference.names) - set(predictions.names))
    extra = sorted(set(predictions.names) - set(reference.names))
    if missing or extra:
        raise ValueError(
            f"The {both} hold videos of other names: "
            f"{_some(missing)} only in the reference, {_some(extra)} only in the predictions."
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3]) or "none"
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _load_npz(path: Path) -> np.ndarray:
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is neither an .npz file nor a folder of videos.")
    clips = read_npz(path, "clips")["clips"]
    if clips.dtype != np.uint8 or clips.ndim != 5 or clips.shape[-1] != 3:
        raise ValueError(
            f"clips in {path} are {clips.dtype} {list(clips.shape)}; "
            "expected uint8 [n, t, h, w, 3]."
        )
    if not len(clips):
        raise ValueError(f"{path} holds 0 clips.")
    return clips


def _sha256(files: list[Path]) -> str:
    """One hash over the contents of the files, in order."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
