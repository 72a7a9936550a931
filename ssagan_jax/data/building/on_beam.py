"""Groups of shots on Apache Beam: on this machine, or on the workers of Dataflow, Flink or Spark.

Each group is written whole by one of Beam's workers, which need this package and see the source
under the same path. Nothing comes back but files: the notes beside the shards say what there is.
"""

import pickle
import shlex
import zlib
from collections.abc import Sequence

from ssagan_jax.data.building.groups import Group
from ssagan_jax.data.building.progress import silent
from ssagan_jax.data.building.shards import write_group


def write_groups(groups: Sequence[Group], folder: str, *, runner: str, options: str) -> None:
    """Writes every group into ``folder``, a disk that all workers share or a bucket.

    Args:
      groups: all of them; what is whole is kept.
      folder: of the unfinished data set.
      runner: of Beam, such as ``DirectRunner`` or ``DataflowRunner``.
      options: of Beam and the runner, such as ``--project=P --region=R``.

    Raises:
      ImportError: without Apache Beam.
      RuntimeError: if the pipeline fails.
    """
    try:
        import apache_beam as beam
        from apache_beam.options.pipeline_options import PipelineOptions
    except ImportError as error:
        raise ImportError(
            f"--runner={runner} needs the package {error.name}: pip install 'ssagan_jax[beam]'"
        ) from error
    # Packed: names repeat themselves, and a job's description must not be long.
    packed = [zlib.compress(pickle.dumps(group)) for group in groups]
    flags = PipelineOptions(shlex.split(options))
    try:
        with beam.Pipeline(runner=runner, options=flags) as pipeline:
            (
                pipeline
                | "groups" >> beam.Create(packed)
                | "one by one" >> beam.Reshuffle()
                | "write" >> beam.Map(_write_group, folder=folder)
            )
    except Exception as error:  # each runner has its own
        raise RuntimeError(f"Beam's {runner} failed: {error}") from error


def _write_group(packed: bytes, folder: str) -> None:
    # What the launcher has packed.
    group = pickle.loads(zlib.decompress(packed))  # noqa: S301
    write_group(group, silent, folder=folder)
