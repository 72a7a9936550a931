"""What a launcher's environment says: JAX's own detection, asked only where it applies.

``jax.distributed.initialize`` fails on a machine without a cluster, and would join one process to
itself where there is only one. So it is called only if more than one process was launched.
"""

import glob
import importlib.util
import os

SLURM = ("SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID")
GKE = ("TPU_PROCESS_ADDRESSES", "TPU_WORKER_HOSTNAMES")


def detect_launcher() -> str | None:
    """The launcher that started several processes: slurm, mpi, gke, tpu; or None.

    Raises:
      ValueError: under an Open MPI that JAX cannot read.
    """
    if _number("OMPI_COMM_WORLD_SIZE", 1) > 1:
        if "OMPI_MCA_orte_hnp_uri" not in os.environ:
            raise ValueError(
                "Open MPI 5 does not say where process 0 is. Start with --coordinator=HOST:PORT "
                "--processes=$OMPI_COMM_WORLD_SIZE --process-id=$OMPI_COMM_WORLD_RANK."
            )
        return "mpi"
    if all(name in os.environ for name in SLURM) and _number("SLURM_NTASKS", 1) > 1:
        return "slurm"
    if not _has_tpu():
        return None
    workers = next((os.environ[name] for name in GKE if name in os.environ), None)
    if workers is not None:
        several = "," in workers or _number("MEGASCALE_NUM_SLICES", 1) > 1
        return "gke" if several else None
    return None if "TPU_SKIP_MDS_QUERY" in os.environ else "tpu"


def local_devices() -> list[int] | None:
    """All GPUs of the node where Slurm started one process on it; None: JAX's own choice.

    JAX gives each process of Slurm the one GPU of its local number.
    """
    tasks = os.environ.get("SLURM_STEP_TASKS_PER_NODE", "").partition("(")[0]
    gpus = _number("SLURM_GPUS_ON_NODE", 0)
    return list(range(gpus)) if detect_launcher() == "slurm" and tasks == "1" and gpus else None


def promised_devices() -> int | None:
    """GPUs of all nodes of a Slurm step (alike, as Slurm's own count is of this node), or None."""
    gpus = _number("SLURM_GPUS_ON_NODE", 0) if all(name in os.environ for name in SLURM) else 0
    return gpus * _number("SLURM_STEP_NUM_NODES", 1) or None


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def _has_tpu() -> bool:
    """libtpu is installed, and there are chips."""
    chips = glob.glob("/dev/accel*") + glob.glob("/dev/vfio/[0-9]*")
    return bool(chips) and importlib.util.find_spec("libtpu") is not None
