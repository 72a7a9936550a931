"""Where training's numbers and pictures go: ``metrics.jsonl``, TensorBoard, trackers."""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.io.json_lines import read_lines
from ssagan_jax.io.paths import AnyPath, Mirror
from ssagan_jax.training.tracking import Tracking

METRICS, BOARD = "metrics.jsonl", "tensorboard"
LARGE = 1 << 20  # bytes: of events in a bucket, where a file is uploaded whole whenever it grows


class Writers:
    """``metrics.jsonl`` and TensorBoard events of one workdir.

    In a bucket they are there after each ``scalars``, and events go on in a new file whenever one
    has become large. What cannot be uploaded is with the next line, which has all of it again.

    Args:
      workdir: of the run.
      step: of the restored state: later lines of ``metrics.jsonl`` (and a torn last one) are
        dropped; damaged ones are put aside.
      backend: ``tensorboardX``, or ``clu`` for clu's own writer, which needs TensorFlow; empty: no
        events are written.
      tracking: who else is told.

    Raises:
      ValueError: for another backend.
      ImportError: for ``clu`` without the ``tensorflow`` extra.
    """

    def __init__(
        self,
        workdir: str | os.PathLike,
        *,
        step: int,
        backend: str,
        tracking: Tracking | None = None,
    ):
        if backend not in BACKENDS:
            known = ", ".join(filter(None, BACKENDS))
            raise ValueError(f'Unknown config.tensorboard "{backend}". Known: {known}.')
        self._mirror, self._backend, self._parts = Mirror(workdir), BACKENDS[backend], 0
        self._tracking = tracking
        self._board = self._open(step)
        path = self._mirror.fetch(METRICS)
        truncate(path, step)
        self._file = path.open("a", encoding="utf-8")

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One line of JSON, and one point of every curve.

        Raises:
          OSError: if they cannot be written, naming the file.
        """
        line = json.dumps({"step": step, **values}, allow_nan=False) + "\n"
        try:
            self._file.write(line)
            self._file.flush()
            self._board.scalars(step, values)
        except OSError as error:  # of a full disk: without a name
            raise OSError(
                f"Cannot write {self._file.name}, or {BOARD} beside it: {error.strerror or error}. "
                "Free some space, then run the same command again."
            ) from error
        if self._tracking:
            self._tracking.scalars(step, values)
        if self._uploaded() and _size(self._mirror.folder / BOARD) > LARGE:
            self._next_file()

    def picture(self, step: int, tag: str, path: AnyPath) -> None:
        """A PNG, or an animated GIF, which TensorBoard's Images tab plays."""
        self._board.picture(step, tag, path.read_bytes())
        if self._tracking:
            self._tracking.media(step, tag, path)

    def close(self) -> None:
        """Flushes and closes all.

        Raises:
          OSError: if a bucket does not take the rest.
        """
        self._file.close()
        self._board.close()
        if self._tracking:
            self._tracking.close()
        self._mirror.close()

    def _open(self, step: int) -> Any:
        suffix = f".{self._parts}" if self._parts else ""  # names have the time, in seconds
        return self._backend(str(self._mirror.folder / BOARD), step, suffix)

    def _uploaded(self) -> bool:
        """Uploads to a bucket. A failure is said and stops nothing: training is worth more."""
        try:
            self._mirror.upload()
        except OSError as error:
            print(f"Metrics were not uploaded ({error}); the next line tries again.", flush=True)
            return False
        return self._mirror.uploads

    def _next_file(self) -> None:
        """Leaves events as they are in the bucket, and begins another file there."""
        self._board.close()
        if self._uploaded():
            shutil.rmtree(self._mirror.folder / BOARD)
        self._parts += 1
        self._board = self._open(0)  # 0: no point that is there already goes


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*"))


def truncate(path: Path, step: int) -> None:
    """Drops the lines past ``step`` and a torn last line, so that a resumed run repeats none.

    Damaged lines go to the end of ``metrics.damaged.jsonl`` beside it, and are named.
    """
    if not path.exists():
        return
    lines = read_lines(path, key="step")
    damaged = [line for line in lines if line.record is None]
    if damaged:
        aside = path.with_suffix(".damaged.jsonl")
        with aside.open("ab") as file:
            file.writelines(line.content for line in damaged)
        numbers = ", ".join(str(line.number) for line in damaged)
        print(f"{path}: damaged lines ({numbers}) were put aside, into {aside.name}.", flush=True)
    temporary = path.with_suffix(".tmp")
    kept = (line.content for line in lines if line.record and line.record["step"] <= step)
    temporary.write_bytes(b"".join(kept))
    os.replace(temporary, path)


@contextlib.contextmanager
def _without_pytorch():
    """tensorboardX imports PyTorch where it is installed, for methods that are not called here."""
    if "torch" in sys.modules:
        yield
        return
    # None makes the import fail, which tensorboardX allows for.
    sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["torch"]


class _TensorboardX:
    def __init__(self, folder, step, suffix):
        with _without_pytorch():
            from tensorboardX import SummaryWriter

        purge = step + 1 if step else None  # points past the restored step are not shown
        self._writer = SummaryWriter(
            folder, flush_secs=10, purge_step=purge, filename_suffix=suffix
        )

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def picture(self, step: int, tag: str, encoded: bytes) -> None:
        from tensorboardX.proto.summary_pb2 import Summary

        image = Summary.Image(encoded_image_string=encoded, colorspace=3)
        summary = Summary(value=[Summary.Value(tag=tag, image=image)])
        self._writer.file_writer.add_summary(summary, step)

    def close(self) -> None:
        self._writer.close()


class _Clu:
    def __init__(self, folder, step, suffix):
        del step, suffix  # TensorFlow numbers its files
        try:
            import tensorflow as tf
            from clu.metric_writers import SummaryWriter
        except ImportError as error:
            raise ImportError(
                'config.tensorboard = "clu" needs TensorFlow and TensorBoard: '
                "pip install 'ssagan_jax[tensorflow]', or use \"tensorboardX\"."
            ) from error
        self._writer = SummaryWriter(folder)
        self._images = tf.summary.create_file_writer(folder, filename_suffix=".images")

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        self._writer.write_scalars(step, dict(values))
        self._writer.flush()

    def picture(self, step: int, tag: str, encoded: bytes) -> None:
        import tensorflow as tf
        from tensorboard.plugins.image.metadata import create_summary_metadata

        metadata = create_summary_metadata(display_name=tag, description="")
        with self._images.as_default():
            tf.summary.write(tag, tf.constant([b"", b"", encoded]), step, metadata)
        self._images.flush()

    def close(self) -> None:
        self._writer.close()
        self._images.close()


class _NoBoard:
    def __init__(self, folder, step, suffix):
        pass

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        pass

    def picture(self, step: int, tag: str, encoded: bytes) -> None:
        pass

    def close(self) -> None:
        pass


BACKENDS = {"tensorboardX": _TensorboardX, "clu": _Clu, "": _NoBoard}
