"""Shots on disk: a tfds data set in ArrayRecord files, written and opened without TensorFlow.

A record holds up to 64 consecutive frames of one shot as the JPEG bytes that were found (or one
vertical strip of frames), so that nothing is lost a second time and a window of a long shot is
read without the rest of it. Beside the records lie ``shots.json``, the table from which windows
are counted without opening a record, ``report.json``, what was left out and why, and
``manifest.json``, the digests of all (``io.manifests``).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ssagan_jax.data.building.features import record_features
from ssagan_jax.data.building.folders import VERSION, dataset_folder, open_records
from ssagan_jax.data.building.scan import Scan, Skipped
from ssagan_jax.data.building.shots import FRAMES_PER_RECORD, Part, Shot, read_parts
from ssagan_jax.io import manifests

_RECORDS_PER_SHARD = 128
# Per shot: id, source video, length, its first record, frames in each of its records.
_COLUMNS = ("shot", "video", "frames", "record", "per_record")


def write_dataset(
    items: Iterable[Shot | Skipped],
    *,
    dataset: str,
    source: str,
    data_dir: str | None,
    published: Mapping[str, Mapping[str, int]] | None = None,
) -> Scan:
    """Writes a data set; it appears under its name only when it is complete.

    Args:
      items: shots to write, and what is already known to be left out.
      dataset: name of the data set.
      source: folder that the shots come from, for the scan.
      data_dir: where built data sets live; None is the default of tfds.
      published: counts by split to print beside those found.

    Raises:
      FileExistsError: if it is already there.
      ValueError: if there is no usable shot.
      OSError: if writing fails, as on a full disk.
    """
    import tensorflow_datasets as tfds

    target = dataset_folder(dataset, data_dir)
    if target.exists():
        raise FileExistsError(
            f'The data set "{dataset}" is already built in {target}. To build it again, delete '
            "that folder first."
        )
    scan = Scan(dataset, str(source), published or {}, written_to=str(target))
    try:
        with tfds.core.utils.incomplete_dir(str(target)) as unfinished:
            _write_shots(Path(unfinished), items, scan)
    except (OSError, RuntimeError) as error:
        raise OSError(
            f'Writing the data set "{dataset}" to {target} failed, and nothing of it was kept: '
            f"{error}. Check that the disk has room and can be written, then build again."
        ) from error
    return scan


def _write_shots(folder: Path, items: Iterable[Shot | Skipped], scan: Scan) -> None:
    writer = _open_writer(folder, scan.dataset)
    table: dict[str, dict[str, list]] = {}
    written: dict[str, int] = {}
    for part in read_parts(items, scan):
        split = part.shot.split
        if split not in table:
            writer.initialize_splits([split])
            table[split], written[split] = {column: [] for column in _COLUMNS}, 0
        _add_to_table(table[split], part, record=written[split])
        writer.add_examples({split: [_example(part)]})
        written[split] += 1
    if not table:
        reasons = "; ".join(f"{item.path}: {item.reason}" for item in scan.skipped[:3])
        raise ValueError(
            f'No usable shot for the data set "{scan.dataset}" in {scan.source}. '
            f"Left out: {len(scan.skipped)}. {reasons}"
        )
    writer.close_all()
    _check_records(folder, written)
    (folder / "shots.json").write_text(json.dumps(table), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(scan.to_json(), indent=1), encoding="utf-8")
    manifests.write_manifest(folder)


def _open_writer(folder: Path, dataset: str) -> Any:
    """A tfds writer that streams: tfds' builders keep a gigabyte, then need TensorFlow."""
    import tensorflow_datasets as tfds

    identity = tfds.core.dataset_info.DatasetIdentity(
        name=f"ssagan_{dataset}",
        version=tfds.core.Version(VERSION),
        data_dir=str(folder),
        module_name=__name__,
    )
    info = tfds.core.DatasetInfo(builder=identity, features=record_features(), description=__doc__)
    return tfds.core.SequentialWriter(
        info, max_examples_per_shard=_RECORDS_PER_SHARD, file_format="array_record"
    )


def _add_to_table(columns: dict[str, list], part: Part, *, record: int) -> None:
    """Adds a record to the table: a new row, or more frames of the last one."""
    if part.number:
        columns["frames"][-1] += part.frames
        return
    per_record = part.frames if part.shot.strip else FRAMES_PER_RECORD
    row = (part.shot.id, part.shot.video, part.frames, record, per_record)
    for column, value in zip(_COLUMNS, row, strict=True):
        columns[column].append(value)


def _example(part: Part) -> dict[str, Any]:
    return {
        "shot": part.shot.id,
        "video": part.shot.video,
        "part": part.number,
        "tiles": part.frames if part.shot.strip else 1,
        "jpegs": np.frombuffer(b"".join(part.jpegs), np.uint8),
        "offsets": np.cumsum([0, *map(len, part.jpegs)], dtype=np.int64),
    }


def _check_records(folder: Path, written: dict[str, int]) -> None:
    """Opens what was just written: a full disk is not always noticed while writing."""
    for split, count in written.items():
        records = open_records(folder, split)
        if len(records) != count:
            raise OSError(f"{count} records of {split} were written, {len(records)} are there")
        for number in {*range(0, count, _RECORDS_PER_SHARD), count - 1}:
            records[number]
