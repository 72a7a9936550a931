"""The folder of a built data set: where it is, whether it is whole, its records."""

from pathlib import Path
from typing import Any

from ssagan_jax.data.building.features import check_features
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.io.user_folders import expanded

VERSION = "1.0.0"


def dataset_folder(dataset: str, data_dir: str | None) -> Path:
    """Folder of a built data set; ``data_dir`` None is the default of tfds."""
    if data_dir is None:
        import tensorflow_datasets as tfds

        data_dir = str(tfds.core.constants.DATA_DIR)
    return expanded(paths.on_disk(data_dir, "data_dir")) / f"ssagan_{dataset}" / VERSION


def open_records(folder: Path, split: str) -> Any:
    """The records of a split, by number: dicts of ``record_features``.

    Raises:
      ValueError: if the folder has other features.
    """
    import tensorflow_datasets as tfds

    check_features(folder)
    return tfds.builder_from_directory(str(folder)).as_data_source(split=split)


def check_folder(folder: Path) -> None:
    """What opening a data set checks: the size of every file, and the bytes of the small ones.

    The records' own checksums (ArrayRecord's) are checked as they are read. Data sets of earlier
    versions have no manifest, and nothing is checked.

    Raises:
      DamagedFile: naming the first fault.
    """
    if not manifests.has_manifest(folder):
        return
    small = [name for name in manifests.read_manifest(folder) if name.endswith(".json")]
    _refuse(folder, manifests.find_wrong_sizes(folder) or manifests.find_faults(folder, small))


def verify_folder(folder: Path) -> None:
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


def _refuse(folder: Path, faults: list[str]) -> None:
    if faults:
        raise DamagedFile(
            f"{folder} is damaged: {'; '.join(faults)}. Copy what is damaged back from elsewhere, "
            "or delete the folder and build the data set again."
        )
