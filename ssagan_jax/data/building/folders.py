"""The folder of a built data set, on a disk or in a bucket: whether it is whole, its records."""

import hashlib
import json
from typing import Any

from ssagan_jax.data.building.features import check_features
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile

VERSION = "1.0.0"
TABLE = "shots.json"  # of the shots; it comes last into a bucket
REPORT = "report.json"  # of where the originals lay: the clips are the same without it
_RECORDS = ".array_record"


def dataset_folder(dataset: str, data_dir: str | None) -> AnyPath:
    """Folder of a built data set; ``data_dir`` None is the default of tfds.

    Raises:
      ValueError, ImportError, OSError: for a bucket that cannot be read, as ``paths.path``.
    """
    if data_dir is None:
        import tensorflow_datasets as tfds

        data_dir = str(tfds.core.constants.DATA_DIR)
    place = paths.path(data_dir, to_read=True)
    return place / f"ssagan_{dataset}" / VERSION


def check_built(folder: AnyPath, dataset: str) -> None:
    """Says how to build a data set that is not there.

    Raises:
      FileNotFoundError: if it is not.
    """
    if not (folder / TABLE).exists():
        data_dir = folder.parent.parent
        raise FileNotFoundError(
            f'The data set "{dataset}" is not built in {data_dir}. Build it with: '
            f"ssagan data build {dataset} --source=DIR --data-dir={data_dir}"
        )


def open_records(folder: AnyPath, split: str) -> Any:
    """The records of a split, by number: dicts of ``record_features``.

    Raises:
      ValueError: if the folder has other features.
    """
    import tensorflow_datasets as tfds

    check_features(folder)
    return tfds.builder_from_directory(str(folder)).as_data_source(split=split)


def files_of(folder: AnyPath, split: str) -> dict[str, manifests.Entry]:
    """What the manifest says of the files that a split is read from, by name.

    Raises:
      DamagedFile: if a name leads elsewhere, or as ``manifests.read_manifest``.
      OSError: as there.
    """
    files = manifests.read_manifest(folder)
    if odd := [name for name in files if "/" in name or "\\" in name]:
        raise DamagedFile(
            f"{folder / manifests.MANIFEST} names {odd[0]}: expected files beside it."
        )
    return {name: files[name] for name in files if _RECORDS not in name or _is_of(split, name)}


def check_folder(folder: AnyPath, split: str) -> None:
    """What opening a split checks: the size of every file, and the bytes of the small ones.

    The records' own checksums (ArrayRecord's) are checked as they are read. Data sets of earlier
    versions have no manifest, and nothing is checked.

    Raises:
      DamagedFile: naming the first fault.
    """
    if not manifests.has_manifest(folder):
        return
    files = files_of(folder, split)
    small = [name for name in files if name.endswith(".json")]
    wrong = manifests.find_wrong_sizes(folder, files) or manifests.find_faults(folder, small)
    _refuse(folder, wrong)


def verify_folder(folder: AnyPath) -> None:
    """Reads every file of a built data set, and compares it with what was written.

    Raises:
      DamagedFile: naming every fault.
      FileNotFoundError: if the data set is not built, or by an earlier version, without a manifest.
    """
    if not manifests.has_manifest(folder):
        raise FileNotFoundError(
            f"{folder / manifests.MANIFEST} is not there: the data set is not built, or by an "
            "earlier version. Build it (again): ssagan data build."
        )
    _refuse(folder, manifests.find_faults(folder))


def contents(folder: AnyPath) -> str:
    """A SHA-256 of what a built data set holds, wherever it lies; of all its splits.

    Without a manifest it is of the names and sizes of the files and the table of shots.
    """
    if manifests.has_manifest(folder):
        found: Any = manifests.read_manifest(folder)
    else:
        sizes = paths.sizes(folder)
        found = {name: sizes[name] for name in sizes if _RECORDS in name}
        found[TABLE] = hashlib.sha256((folder / TABLE).read_bytes()).hexdigest()
    kept = {name: found[name] for name in sorted(found) if name != REPORT}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _is_of(split: str, name: str) -> bool:
    """Whether a file of records, such as ``ssagan_sky-train.array_record-00000``, is a split's."""
    return name.partition(_RECORDS)[0].endswith(f"-{split}")


def _refuse(folder: AnyPath, faults: list[str]) -> None:
    if faults:
        raise DamagedFile(
            f"{folder} is damaged: {'; '.join(faults)}. Copy what is damaged back from elsewhere, "
            "or delete the folder and build the data set again."
        )
