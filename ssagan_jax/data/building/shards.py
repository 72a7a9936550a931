"""A group of shots as ArrayRecord files, with a sealed note beside them.

Each shard is written under another name and put in its place when it is whole; the note, which
comes last, says what is in the shards and what they were made of. So a build that was stopped
goes on: a group whose note is there, whose sources are as they were and whose shards have the
digests of the note is kept.
"""

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ssagan_jax.data.building.features import record_features
from ssagan_jax.data.building.groups import Group, fingerprint
from ssagan_jax.data.building.progress import Report
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import (
    FRAMES_PER_RECORD,
    MIN_FRAMES,
    Outcome,
    Part,
    outcome_of,
    read_parts,
)
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile, read_sealed, seal

RECORDS_PER_SHARD = 128
BYTES_PER_SHARD = 200_000_000


def write_group(group: Group, report: Report, *, folder: str) -> None:
    """Writes the shards of a group and its note into ``folder``, unless they are there.

    Raises:
      ShotFailed: if a shot cannot be read.
      OSError: if a file cannot be written, as on a full disk.
    """
    where, digest = paths.path(folder), fingerprint(group)
    if digest is not None and _is_whole(where, group.number, digest):
        report("kept", len(group.shots))
        return
    outcomes: list[Outcome] = []
    rows: list[dict[str, Any]] = []
    records = _read_records(group, outcomes, rows, report)
    shards = _write_shards(records, where, group.number)
    note = {"fingerprint": digest, "split": group.split, "rows": rows, "shards": shards}
    note["outcomes"] = [asdict(outcome) for outcome in outcomes]
    with replacing(where / note_name(group.number)) as partial:
        partial.write_text(json.dumps(seal(note)), encoding="utf-8")


def read_note(folder: AnyPath, number: int) -> dict[str, Any]:
    """What was written of a group.

    Returns:
      ``split``; ``shards``, for each its ``records``, the ``bytes`` of them, and ``size`` and
      ``sha256`` of the file; ``rows``, for each shot with records its ``shot``, ``video``,
      ``frames``, first ``record`` in the group and frames ``per_record``; ``outcomes``, for each
      shot an ``Outcome``; and ``fingerprint``, of what it was made of.

    Raises:
      DamagedFile: if the note is not as it was written.
      OSError: if there is none, or it cannot be read.
    """
    note = read_sealed(folder / note_name(number))
    for outcome in note["outcomes"]:
        outcome["skipped"] = [Skipped(**item) for item in outcome["skipped"]]
    note["outcomes"] = [Outcome(**outcome) for outcome in note["outcomes"]]
    return note


def note_name(number: int) -> str:
    """The file of a group's note."""
    return f"group-{number:05d}.json"


def shard_name(number: int, place: int) -> str:
    """The file of a group's shard, until the data set is complete."""
    return f"group-{number:05d}-{place:05d}.array_record"


def record_serializer() -> Callable[[dict[str, Any]], bytes]:
    """A function that makes the bytes of a record: the same for the same record, always.

    The fields of a ``tf.train.Example`` are a map, whose order protobuf leaves to chance (a
    process's own) unless it is told not to.
    """
    import tensorflow_datasets as tfds

    features = record_features()
    serializer = tfds.core.example_serializer.ExampleSerializer(features.get_serialized_info())

    def serialize(record: dict[str, Any]) -> bytes:
        example = serializer.get_tf_example(features.encode_example(record))
        return example.SerializeToString(deterministic=True)

    return serialize


def _is_whole(folder: AnyPath, number: int, digest: str) -> bool:
    try:
        note = read_note(folder, number)
    except (OSError, DamagedFile):
        return False
    return note["fingerprint"] == digest and all(
        _is_shard(folder / shard_name(number, place), shard)
        for place, shard in enumerate(note["shards"])
    )


def _is_shard(file: AnyPath, shard: Mapping[str, Any]) -> bool:
    """Whether the file is the one that was noted; what was uploaded is whole, or not there."""
    try:
        if paths.is_bucket(file):
            return paths.size(file) == shard["size"]
        return manifests.describe(file) == {key: shard[key] for key in ("size", "sha256")}
    except OSError:
        return False


def _read_records(
    group: Group, outcomes: list[Outcome], rows: list[dict[str, Any]], report: Report
) -> Iterator[bytes]:
    """The records of a group; ``outcomes`` and ``rows`` (``read_note``) grow with them."""
    serialize, count = record_serializer(), 0
    for shot in group.shots:
        report("shot", shot.id)
        outcome = outcome_of(shot)
        first = count
        per_record = FRAMES_PER_RECORD
        for part in read_parts(shot, outcome):
            per_record = part.frames if shot.strip else FRAMES_PER_RECORD
            count += 1
            yield serialize(_example(part))
            report("frames", part.frames)
        outcomes.append(outcome)
        if outcome.frames >= MIN_FRAMES:
            row = {"shot": shot.id, "video": shot.video, "frames": outcome.frames}
            rows.append({**row, "record": first, "per_record": per_record})
        report("done", 1)


def _write_shards(records: Iterator[bytes], folder: AnyPath, number: int) -> list[dict[str, Any]]:
    shards: list[dict[str, Any]] = []
    for first in records:
        with replacing(folder / shard_name(number, len(shards))) as partial:
            shards.append(_write_shard(partial, itertools.chain([first], records)))
    return shards


def _write_shard(file: Path, records: Iterator[bytes]) -> dict[str, Any]:
    """Writes records until the shard is full, and reads some again: a full disk is not always
    noticed while writing.
    """
    from array_record.python import array_record_module

    count, size = 0, 0
    try:
        writer = array_record_module.ArrayRecordWriter(str(file), "group_size:1")
        for record in records:
            writer.write(record)
            count, size = count + 1, size + len(record)
            if count >= RECORDS_PER_SHARD or size >= BYTES_PER_SHARD:
                break
        writer.close()
        _check_records(file, count)
    except RuntimeError as error:
        raise OSError(str(error)) from error
    with file.open("rb") as whole:
        os.fsync(whole.fileno())
    return {"records": count, "bytes": size, **manifests.describe(file)}


def _check_records(file: Path, count: int) -> None:
    from array_record.python import array_record_module

    reader = array_record_module.ArrayRecordReader(str(file))
    found = reader.num_records()
    if found != count:
        raise OSError(f"{count} records were written, {found} are there")
    reader.read([0, count - 1])
    reader.close()


def _example(part: Part) -> dict[str, Any]:
    return {
        "shot": part.shot.id,
        "video": part.shot.video,
        "part": part.number,
        "tiles": part.frames if part.shot.strip else 1,
        "jpegs": np.frombuffer(b"".join(part.jpegs), np.uint8),
        "offsets": np.cumsum([0, *map(len, part.jpegs)], dtype=np.int64),
    }
