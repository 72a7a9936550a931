"""Clips out of built data sets: which windows there are, and reading one."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from ssagan_jax.data import preprocess, winds
from ssagan_jax.data.building import cache as copies
from ssagan_jax.data.building import folders
from ssagan_jax.data.contract import check_index, check_options, hash_split, random_windows
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.io.text_files import read_json
from ssagan_jax.io.user_folders import cache_folder


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
        crop: str = "none",
        cache: str | None = None,
    ):
        """Opens a split of a built data set; options and errors as in ``data.source``.

        ``seed`` is that of random windows; the split was made at build time.
        """
        check_options(split, size, frames, frame_step, windows, crop)
        self._crop, self._seed = crop, seed
        self._dataset, self._split, self._size = dataset, split, size
        self._frames, self._frame_step, self._windows = frames, frame_step, windows
        origin = folders.dataset_folder(dataset, data_dir)
        folders.check_built(origin, dataset)
        self._origin, self._cached = origin, bool(cache)
        self._folder = folder = copies.copied(origin, split, cache) if cache else origin
        self._table = _read_table(folder, split)
        self._shots, self._starts = self._index(folder)
        self._records = folders.open_records(folder, split)
        self._winds = self._read_winds() if wind else None

    def _read_winds(self) -> list[winds.Winds]:
        """The winds of every shot, measured if they have not been yet."""
        name, lengths = f"winds_{self._split}.npy", self._table["frames"]
        shots = (self._read_frames(shot, np.arange(n)) for shot, n in enumerate(lengths))
        other = self._folder
        if not self._cached:
            other = cache_folder("winds") / folders.contents(self._origin)[:16]
        return winds.stored((self._origin / name, other / name), shots, lengths)

    def _index(self, folder: AnyPath) -> tuple[np.ndarray, np.ndarray]:
        """For each clip its shot and its first frame."""
        lengths = np.array(self._table["frames"])
        span = self._frames * self._frame_step
        apart = max(1, span // 4) if self._windows == "overlapping" else span
        counts = np.maximum(lengths - span + apart, 0) // apart
        if self._windows == "first":
            counts = np.minimum(counts, 1)
        if number := random_windows(self._windows):
            counts = np.where(lengths >= span, number, 0)
        if not counts.sum():
            raise ValueError(
                f'No clip in split "{self._split}" of {folder}: {self._frames} frames with '
                f"frame_step {self._frame_step} need shots of {span} frames, and the longest of "
                f"{len(lengths)} shots has {lengths.max()}. Ask for fewer frames or a smaller "
                "frame_step."
            )
        shots = np.repeat(np.arange(len(lengths)), counts)
        if number:
            rng = np.random.default_rng((self._seed, number, span))
            return shots, rng.integers(lengths[shots] - span + 1)
        first_clip = np.repeat(np.cumsum(counts) - counts, counts)
        return shots, (np.arange(len(shots)) - first_clip) * apart

    def __len__(self) -> int:
        return len(self._shots)

    def __getitem__(self, index: int) -> dict[str, Any]:
        index = check_index(index, len(self))
        shot, start = int(self._shots[index]), int(self._starts[index])
        wanted = start + self._frame_step * np.arange(self._frames)
        frames = []
        for picture in self._read_frames(shot, wanted):
            shown = preprocess.crop_center(picture) if self._crop == "center" else picture
            frames.append(preprocess.resize_image(shown, size=self._size))
        example = {"clip": np.stack(frames), "video": self._table["video"][shot]}
        if self._winds is not None:
            wind = winds.of_window(
                self._winds[shot], start=start, frames=self._frames, frame_step=self._frame_step
            )
            example["wind"] = (wind * np.divide(picture.size, shown.size)).astype(np.float32)
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
        except RuntimeError as error:  # ArrayRecord's
            record = f"{self._folder}: record {number} of the split {self._split}"
            if paths.is_bucket(self._folder) and "Corrupted" not in str(error):
                raise OSError(f"{record} cannot be read: {error}. {paths.TO_READ}") from error
            raise DamagedFile(f"{record} is damaged. {self._advice()}") from error  # a checksum

    def _advice(self) -> str:
        if self._cached:
            return f"It is a copy: delete {self._folder}, and it is made anew."
        data_dir = self._folder.parent.parent
        return f"Which file it is: ssagan data verify {self._dataset} --data-dir={data_dir}"

    def contents(self) -> str:
        """SHA-256 of what the data set holds and of which clips are made of it; of winds, too."""
        digest = hashlib.sha256(folders.contents(self._folder).encode())
        digest.update(json.dumps(self.describe(), sort_keys=True).encode())
        for shot in self._winds or ():
            digest.update(shot.tobytes())
        return digest.hexdigest()

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
            **({"crop": self._crop} if self._crop != "none" else {}),
        }


def _decode_frames(record: dict[str, Any], places: np.ndarray) -> Iterator[Image.Image]:
    jpegs, offsets = record["jpegs"], record["offsets"]
    if record["tiles"] > 1:
        strip = preprocess.decode_image(jpegs.tobytes())
        yield from (preprocess.cut_tile(strip, int(place)) for place in places)
        return
    for place in places:
        yield preprocess.decode_image(jpegs[offsets[place] : offsets[place + 1]].tobytes())


def _read_table(folder: AnyPath, split: str) -> dict[str, list]:
    """The shots of a split, column by column."""
    folders.check_folder(folder, split)
    table = read_json(folder / folders.TABLE)
    if split not in table:
        raise ValueError(
            f'The data set in {folder} has no split "{split}". It has: {", ".join(table)}.'
        )
    return table[split]
