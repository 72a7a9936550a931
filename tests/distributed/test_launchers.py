"""What launchers' environments mean. Every variable that is looked at is emptied first."""

import importlib.util

import pytest

from ssagan_jax.distributed import launchers

SLURM = {
    "SLURM_JOB_ID": "7",
    "SLURM_STEP_NODELIST": "node[001-002]",
    "SLURM_NTASKS": "8",
    "SLURM_PROCID": "3",
    "SLURM_LOCALID": "3",
    "SLURM_STEP_NUM_NODES": "2",
    "SLURM_STEP_TASKS_PER_NODE": "4(x2)",
    "SLURM_GPUS_ON_NODE": "4",
}
PER_NODE = {**SLURM, "SLURM_NTASKS": "2", "SLURM_STEP_TASKS_PER_NODE": "1(x2)"}
MPI = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1"}
GKE = {"TPU_WORKER_HOSTNAMES": "a,b,c,d", "TPU_WORKER_ID": "2"}


@pytest.fixture
def environment(monkeypatch):
    """Sets what a launcher would; with ``tpu``, on a machine with chips."""
    for name in (*SLURM, *MPI, *launchers.GKE):
        monkeypatch.delenv(name, raising=False)
    for name in ("OMPI_MCA_orte_hnp_uri", "MEGASCALE_NUM_SLICES", "TPU_SKIP_MDS_QUERY"):
        monkeypatch.delenv(name, raising=False)

    def launched(variables, *, tpu=False):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(launchers.glob, "glob", lambda _: ["/dev/accel0"] if tpu else [])
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if tpu else None)

    return launched


@pytest.mark.parametrize(
    ("variables", "tpu", "expected"),
    [
        ({}, False, None),
        (SLURM, False, "slurm"),
        ({**SLURM, "SLURM_NTASKS": "1"}, False, None),
        ({"SLURM_JOB_ID": "7", "SLURM_NTASKS": "8"}, False, None),  # a batch script, before srun
        ({**MPI, "OMPI_MCA_orte_hnp_uri": "1531576320.0;tcp://10.96.0.1:34911"}, False, "mpi"),
        ({**MPI, "OMPI_COMM_WORLD_SIZE": "1"}, False, None),
        (GKE, True, "gke"),
        (GKE, False, None),  # a pod of a TPU cluster, without a chip
        ({**GKE, "TPU_WORKER_HOSTNAMES": "a"}, True, None),
        ({"TPU_WORKER_HOSTNAMES": "a", "MEGASCALE_NUM_SLICES": "2"}, True, "gke"),
        ({"TPU_PROCESS_ADDRESSES": "a:1,b:1"}, True, "gke"),
        ({}, True, "tpu"),
        ({"TPU_SKIP_MDS_QUERY": "1"}, True, None),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, False, None),  # any pod has it
    ],
)
def test_a_launcher_is_found_where_it_started_several_processes(
    environment, variables, tpu, expected
):
    environment(variables, tpu=tpu)
    assert launchers.detect_launcher() == expected


def test_open_mpi_5_needs_the_options(environment):
    environment(MPI)
    with pytest.raises(
        ValueError, match=r"Open MPI 5 does not say .*--processes=\$OMPI_COMM_WORLD"
    ):
        launchers.detect_launcher()


def test_a_process_per_gpu_leaves_the_choice_to_jax(environment):
    environment(SLURM)
    assert launchers.local_devices() is None


def test_a_process_per_node_takes_all_its_gpus(environment):
    environment(PER_NODE)
    assert launchers.local_devices() == [0, 1, 2, 3]


def test_a_node_without_gpus_takes_what_there_is(environment):
    environment({**PER_NODE, "SLURM_GPUS_ON_NODE": "0"})
    assert launchers.local_devices() is None
    assert launchers.promised_devices() is None


@pytest.mark.parametrize(("variables", "expected"), [({}, None), (SLURM, 8), (PER_NODE, 8)])
def test_slurm_promises_the_gpus_of_every_node(environment, variables, expected):
    environment(variables)
    assert launchers.promised_devices() == expected
