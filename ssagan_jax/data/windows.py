"""Clips out of built data sets: which windows there are, and reading one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ssagan_jax.data import preprocess, winds
from ssagan_jax.data.building import folders
from ssagan_jax.data.contract import check_index, check_options, hash_split
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.io.text_files import read_json


class WindowSource:
    """The clips of one split of a built data set; reads and decodes a clip when asked for it.

    Clips are windows of ``frames * frame_step`` frames side by side from the start of a shot, as
    in the authors' loader; what remains at the end of a shot is dropped. Overlapping ones start a
    quarter of that apart.
    """

    def __init__(
        self,
        dataset: str,
        *,
        split: str,
        size: int,
        frames: int,
        data_dir: str | None = None,
        frame_step: int = 1,
        windows: str = "all",
        seed: int = 0,
        wind: bool = False,
    ):
        """Opens a split of a built data set; options and errors as in ``data.source``.

        ``seed`` is accepted because every data set takes it; the split was made at build time.
        """
        del seed
        check_options(split=split, size=size, frames=frames, frame_step=frame_step, windows=windows)
        self._dataset, self._split, self._size = dataset, split, size
        self._frames, self._frame_step, self._windows = frames, frame_step, windows
        folder = folders.dataset_folder(dataset, data_dir)
        self._table = _read_table(folder, dataset, split)
        self._shots, self._starts = self._index(folder)
        self._folder, self._records = folder, folders.open_records(folder, split)
        self._winds = self._read_winds(folder) if wind else None

    def _read_winds(self, folder: Path) -> list[winds.Winds]:
        """The winds of every shot, measured if they have not been yet."""
        lengths = self._table["frames"]
        shots = (self._read_frames(shot, np.arange(n)) for shot, n in enumerate(lengths))
        return winds.stored(folder / f"winds_{self._split}.npy", shots, lengths)

    def _index(self, folder: Path) -> tuple[np.ndarray, np.ndarray]:
        """For each clip its shot and its first frame."""
        lengths = np.array(self._table["frames"])
        span = self._frames * self._frame_step
        apart = max(1, span // 4) if self._windows == "overlapping" else span
        counts = np.maximum(lengths - span + apart, 0) // apart
        if self._windows == "first":
            counts = np.minimum(counts, 1)
        if not counts.sum():
            raise ValueError(
                f'No clip in split "{self._split}" of {folder}: {self._frames} frames with '
                f"frame_step {self._frame_step} need shots of {span} frames, and the longest of "
                f"{len(lengths)} shots has {lengths.max()}. Ask for fewer frames or a smaller "
                "frame_step."
            )
        shots = np.repeat(np.arange(len(lengths)), counts)
        first_clip = np.repeat(np.cumsum(counts) - counts, counts)
        return shots, (np.arange(len(shots)) - first_clip) * apart

    def __len__(self) -> int:
        return len(self._shots)

    def __getitem__(self, index: int) -> dict[str, Any]:
        index = check_index(index, len(self))
        shot, start = int(self._shots[index]), int(self._starts[index])
        wanted = start + self._frame_step * np.arange(self._frames)
        pictures = self._read_frames(shot, wanted)
        frames = [preprocess.resize_image(picture, size=self._size) for picture in pictures]
        example = {"clip": np.stack(frames), "video": self._table["video"][shot]}
        if self._winds is not None:
            example["wind"] = winds.of_window(
                self._winds[shot], start=start, frames=self._frames, frame_step=self._frame_step
            )
        return example

    def _read_frames(self, shot: int, wanted: np.ndarray) -> Iterator[Image.Image]:
        """The wanted frames of a shot as pictures; opens only the records they are in."""
        per_record = self._table["per_record"][shot]
        numbers, places = np.divmod(wanted, per_record)
        for number in np.unique(numbers):
            record = self._read_record(self._table["record"][shot] + int(number))
            yield from _decode_frames(record, places[numbers == number])

    def _read_record(self, number: int) -> dict[str, Any]:
        try:
            return self._records[number]
        except RuntimeError as error:  # ArrayRecord's: a checksum that is not right
            raise DamagedFile(
                f"{self._folder}: record {number} of the split {self._split} is damaged. Which "
                f"file it is: ssagan data verify {self._dataset} "
                f"--data-dir={self._folder.parent.parent}"
            ) from error

    def describe(self) -> dict[str, Any]:
        names = self._table["shot"]
        clips = (
            (names[shot], int(start)) for shot, start in zip(self._shots, self._starts, strict=True)
        )
        return {
            "dataset": self._dataset,
            "split": self._split,
            "clips": len(self),
            "windows": self._windows,
            "frames": self._frames,
            "size": self._size,
            "frame_step": self._frame_step,
            "split_hash": hash_split(clips),
        }


def _decode_frames(record: dict[str, Any], places: np.ndarray) -> Iterator[Image.Image]:
    jpegs, offsets = record["jpegs"], record["offsets"]
    if record["tiles"] > 1:
        strip = preprocess.decode_image(jpegs.tobytes())
        yield from (preprocess.cut_tile(strip, int(place)) for place in places)
        return
    for place in places:
        yield preprocess.decode_image(jpegs[offsets[place] : offsets[place + 1]].tobytes())


def _read_table(folder: Path, dataset: str, split: str) -> dict[str, list]:
    """The shots of a split, column by column."""
    path = folder / "shots.json"
    if not path.exists():
        data_dir = folder.parent.parent
        raise FileNotFoundError(
            f'The data set "{dataset}" is not built in {data_dir}. Build it with: '
            f"ssagan data build {dataset} --source=DIR --data-dir={data_dir}"
        )
    folders.check_folder(folder)
    table = read_json(path)
    if split not in table:
        raise ValueError(
            f'The data set in {folder} has no split "{split}". It has: {", ".join(table)}.'
        )
    return table[split]
