"""Shots on disk: a tfds data set in ArrayRecord files, written and opened without TensorFlow.

A record holds up to 64 consecutive frames of one shot as the JPEG bytes that were found (or one
vertical strip of frames), so that nothing is lost a second time and a window of a long shot is
read without the rest of it. Beside the records lie ``shots.json``, the table from which windows
are counted without opening a record, ``report.json``, what was left out and why, and
``manifest.json``, the digests of all (``io.manifests``).
"""

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from ssagan_jax.data.building import finishing, on_beam
from ssagan_jax.data.building.folders import dataset_folder
from ssagan_jax.data.building.groups import Group, plan_groups
from ssagan_jax.data.building.progress import Progress
from ssagan_jax.data.building.scan import Scan, Skipped
from ssagan_jax.data.building.shards import write_group
from ssagan_jax.data.building.shots import Shot, ShotFailed
from ssagan_jax.data.building.unfinished import held, unfinished_folder
from ssagan_jax.data.building.workers import run_groups
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath


def write_dataset(
    items: Iterable[Shot | Skipped],
    *,
    dataset: str,
    source: str,
    data_dir: str | None,
    published: Mapping[str, Mapping[str, int]] | None = None,
    workers: int = 1,
    runner: str | None = None,
    beam_options: str = "",
) -> Scan:
    """Writes a data set; it appears under its name only when it is complete.

    One that was stopped goes on: what is whole is kept if its sources did not change.

    Args:
      items: shots to write, and what is already known to be left out.
      dataset: name of the data set.
      source: folder that the shots come from, for the scan.
      data_dir: where built data sets live; None is the default of tfds.
      published: counts by split to print beside those found.
      workers: processes of this machine.
      runner: of Apache Beam, instead of processes; such as ``DirectRunner``.
      beam_options: of Beam and of that runner, as on a command line.

    Raises:
      FileExistsError: if it is already there.
      BlockingIOError: if another process is building it there.
      ValueError: if there is no usable shot, or a shot cannot be read (``ShotFailed``).
      ImportError: for a runner without Apache Beam.
      OSError: if writing fails, as on a full disk.
      RuntimeError: if Beam fails, or a worker for a reason of its own.
    """
    if (workers > 1) if runner else beam_options:
        raise ValueError(
            "Processes are asked for by workers, or by a runner of Apache Beam and its own "
            f"options; got workers {workers}, runner {runner}, beam_options {beam_options!r}."
        )
    target = dataset_folder(dataset, data_dir)
    _check_new(dataset, target)
    listed = list(items)
    shots = [item for item in listed if isinstance(item, Shot)]
    scan = Scan(dataset, str(source), published or {}, written_to=str(target))
    scan.skipped += [item for item in listed if isinstance(item, Skipped)]
    unfinished = unfinished_folder(target)
    with _explaining(dataset, unfinished), held(unfinished):
        _check_new(dataset, target)  # of a build that has just ended
        groups = plan_groups(shots)
        finishing.prepare(unfinished, groups, dataset)
        if runner:
            on_beam.write_groups(
                groups, paths.absolute(unfinished), runner=runner, options=beam_options
            )
        else:
            _write_groups(groups, unfinished, dataset, workers)
        finishing.finish(groups, unfinished, target, scan)
    return scan


def _check_new(dataset: str, target: AnyPath) -> None:
    if finishing.is_complete(target):
        raise FileExistsError(
            f'The data set "{dataset}" is already built in {target}. To build it again, delete '
            "that folder first."
        )


def _write_groups(groups: Sequence[Group], unfinished: AnyPath, dataset: str, workers: int) -> None:
    work = partial(write_group, folder=str(unfinished))
    with Progress(dataset, sum(len(group.shots) for group in groups)) as progress:
        run_groups(work, groups, workers=workers, report=progress.report)


@contextlib.contextmanager
def _explaining(dataset: str, unfinished: AnyPath) -> Iterator[None]:
    """Says what is left of a build that fails, and how it goes on."""
    rest = f"What is whole is kept in {unfinished}: the same command goes on from there."
    try:
        yield
    except KeyboardInterrupt:
        print(f"note: stopped. {rest}", file=sys.stderr)
        raise
    except (BlockingIOError, FileExistsError):
        raise
    except OSError as error:
        raise OSError(
            f'Writing the data set "{dataset}" failed: {error} {rest} See that the disk has room '
            "and can be written."
        ) from error
    except (ShotFailed, RuntimeError) as error:
        raise type(error)(f"{error} {rest}") from error
