"""From groups that are written to a data set: names, index, manifest.

On a disk the shards are renamed, and then the folder; in a bucket they are copied, and the table
of shots, which comes last, makes it a data set. Nothing in it says where it was built, or from
where: the same source gives the same bytes.
"""

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from etils import epath

from ssagan_jax.data.building.features import record_features
from ssagan_jax.data.building.folders import VERSION
from ssagan_jax.data.building.groups import Group
from ssagan_jax.data.building.scan import Scan
from ssagan_jax.data.building.shards import note_name, read_note, shard_name
from ssagan_jax.data.building.shots import add_to_scan
from ssagan_jax.data.building.unfinished import LOCK
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.io.user_folders import expanded

# Per shot: id, source video, length, its first record, frames in each of its records.
_COLUMNS = ("shot", "video", "frames", "record", "per_record")
_DESCRIPTION = (
    "Shots of footage. A record holds up to 64 consecutive frames of one as JPEG files, or one "
    "strip of frames; shots.json is the table of them."
)
_THREADS = 16
_TABLE = "shots.json"
Notes = Sequence[Mapping[str, Any]]


def is_complete(target: AnyPath) -> bool:
    """Whether the data set is there: a folder, or in a bucket its table."""
    return (target / _TABLE if paths.is_bucket(target) else target).exists()


def prepare(unfinished: AnyPath, groups: Sequence[Group], dataset: str) -> None:
    """Removes what a build that was stopped has left and this one will not use."""
    if not paths.is_bucket(unfinished):
        _rename_back(unfinished, groups, dataset)
    used = {note_name(group.number) for group in groups}
    stems = {name.removesuffix(".json") for name in used}
    for file in list(unfinished.iterdir()):
        shard = file.suffix == ".array_record" and file.stem.rpartition("-")[0] in stems
        if not shard and file.name not in (*used, LOCK):
            file.unlink()


def finish(groups: Sequence[Group], unfinished: AnyPath, target: AnyPath, scan: Scan) -> None:
    """Makes a data set of groups that are all written, and counts their shots.

    Raises:
      ValueError: if there is no usable shot.
      OSError: if a file cannot be written.
    """
    notes = _read_notes(unfinished, groups)
    for note in notes:
        for outcome in note["outcomes"]:
            add_to_scan(scan, outcome)
    if not any(note["rows"] for note in notes):
        _remove(unfinished)
        raise ValueError(_nothing_usable(scan))
    place = target if paths.is_bucket(target) else unfinished
    moves = _final_names(groups, notes, scan.dataset)
    _map(lambda move: _move(unfinished / move[0], place / move[1]), list(moves.items()))
    with tempfile.TemporaryDirectory() as index:
        _write_index(Path(index), notes, scan)
        _commit(Path(index), place, _entries(groups, notes, moves))
    if paths.is_bucket(target):
        _remove(unfinished)
    else:
        os.rename(unfinished, target)
    _remove_others(target)


def _read_notes(folder: AnyPath, groups: Sequence[Group]) -> Notes:
    return _map(lambda group: read_note(folder, group.number), groups)


def _final_names(groups: Sequence[Group], notes: Notes, dataset: str) -> dict[str, str]:
    """The name of each shard in the data set, by that which it was written under."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for group, note in zip(groups, notes, strict=True):
        for number in range(len(note["shards"])):
            place = counts[group.split] = counts.get(group.split, -1) + 1
            name = f"ssagan_{dataset}-{group.split}.array_record-{place:05d}"
            names[shard_name(group.number, number)] = name
    return names


def _rename_back(unfinished: Path, groups: Sequence[Group], dataset: str) -> None:
    """Undoes the renaming of a build that was stopped in it."""
    with contextlib.suppress(OSError, DamagedFile):
        moves = _final_names(groups, _read_notes(unfinished, groups), dataset)
        for name, final in moves.items():
            if (unfinished / final).exists():
                os.replace(unfinished / final, unfinished / name)


def _move(file: AnyPath, place: AnyPath) -> None:
    if paths.is_bucket(place):
        epath.Path(file).copy(place, overwrite=True)
    else:
        os.replace(file, place)


def _remove(folder: AnyPath) -> None:
    if paths.is_bucket(folder):
        epath.Path(folder).rmtree()
    else:
        shutil.rmtree(folder)


def _remove_others(target: AnyPath) -> None:
    """Removes notes, the lock, and what a build of another source has left."""
    files = {*manifests.read_manifest(target), manifests.MANIFEST}
    for file in list(target.iterdir()):
        if file.name not in files:
            file.unlink()


def _write_index(folder: Path, notes: Notes, scan: Scan) -> None:
    """The small files, but the manifest."""
    _write_info(folder, notes, scan.dataset)
    (folder / _TABLE).write_text(json.dumps(_table(notes)), encoding="utf-8")
    report = json.dumps(_without_places(scan), indent=1)
    (folder / "report.json").write_text(report, encoding="utf-8")


def _entries(
    groups: Sequence[Group], notes: Notes, moves: Mapping[str, str]
) -> dict[str, manifests.Entry]:
    """What the manifest says of the shards."""
    return {
        moves[shard_name(group.number, number)]: {key: shard[key] for key in ("size", "sha256")}
        for group, note in zip(groups, notes, strict=True)
        for number, shard in enumerate(note["shards"])
    }


def _commit(index: Path, place: AnyPath, shards: Mapping[str, manifests.Entry]) -> None:
    """Puts the small files beside the shards: the table last, and before it the manifest."""
    files = sorted(index.iterdir(), key=lambda file: file.name == _TABLE)
    entries = {file.name: manifests.describe(file) for file in files}
    for file in files:
        if file.name == _TABLE:
            manifests.write_entries(place, {**entries, **shards})
        with replacing(place / file.name) as half:
            shutil.copyfile(file, half)


def _table(notes: Notes) -> dict[str, dict[str, list]]:
    """The shots of each split, column by column."""
    table: dict[str, dict[str, list]] = {}
    written: dict[str, int] = {}
    for note in notes:
        split = note["split"]
        for row in note["rows"]:
            columns = table.setdefault(split, {column: [] for column in _COLUMNS})
            for column in _COLUMNS:
                columns[column].append(row[column])
            columns["record"][-1] += written.get(split, 0)
        records = sum(shard["records"] for shard in note["shards"])
        written[split] = written.get(split, 0) + records
    return table


def _write_info(folder: Path, notes: Notes, dataset: str) -> None:
    """``dataset_info.json`` and ``features.json``, by which tfds opens the folder."""
    import tensorflow_datasets as tfds

    identity = tfds.core.dataset_info.DatasetIdentity(
        name=f"ssagan_{dataset}",
        version=tfds.core.Version(VERSION),
        data_dir=str(folder),
        module_name=__name__,
    )
    info = tfds.core.DatasetInfo(
        builder=identity, features=record_features(), description=_DESCRIPTION
    )
    info.set_file_format(tfds.core.FileFormat.ARRAY_RECORD)
    splits = [_split_info(folder, dataset, *item) for item in _shards_by_split(notes).items()]
    info.set_splits(tfds.core.SplitDict(splits))
    info.write_to_directory(str(folder))


def _shards_by_split(notes: Notes) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for note in notes:
        if note["shards"]:
            found.setdefault(note["split"], []).extend(note["shards"])
    return found


def _split_info(folder: Path, dataset: str, split: str, shards: list[Mapping[str, Any]]) -> Any:
    import tensorflow_datasets as tfds

    return tfds.core.SplitInfo(
        name=split,
        shard_lengths=[shard["records"] for shard in shards],
        num_bytes=sum(shard["bytes"] for shard in shards),
        filename_template=tfds.core.ShardedFileTemplate(
            dataset_name=f"ssagan_{dataset}",
            data_dir=folder,
            split=split,
            filetype_suffix="array_record",
            template="{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_INDEX}",
        ),
    )


def _without_places(scan: Scan) -> dict[str, Any]:
    """The report, with paths relative to the source, and without the source's own."""
    report = scan.to_json()
    del report["source"]
    folders = sorted({scan.source.rstrip("/"), str(expanded(scan.source))}, key=len, reverse=True)
    # Where a word begins: a folder of that name may be inside, too.
    inside = re.compile(rf"(?<![^\s(])(?:{'|'.join(map(re.escape, folders))})/")
    for entry in report["skipped"]:
        entry["path"] = "." if entry["path"] in folders else inside.sub("", entry["path"])
        entry["reason"] = inside.sub("", entry["reason"])
    return report


def _nothing_usable(scan: Scan) -> str:
    reasons = "; ".join(f"{item.path}: {item.reason}" for item in scan.skipped[:3])
    return (
        f'No usable shot for the data set "{scan.dataset}" in {scan.source}. '
        f"Left out: {len(scan.skipped)}. {reasons}"
    )


def _map(function: Any, items: Sequence[Any]) -> list[Any]:
    """By several threads: in a bucket each takes a while."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(function, items))
