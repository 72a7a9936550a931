"""What keeps a run from harm, together."""

import pytest

from ssagan_jax.config.schema import WatchdogConfig
from ssagan_jax.distributed import processes
from ssagan_jax.training.guards import ProcessLost, guarding
from ssagan_jax.training.lock import LOCK
from ssagan_jax.training.signals import StopSignal


def test_a_workdir_is_held_by_one_and_given_back_even_after_an_error(tmp_path):
    workdir = tmp_path / "run"
    with guarding(workdir, WatchdogConfig(), StopSignal()) as guards:
        guards.check_lock()
        assert (workdir / LOCK).exists()
        with (
            pytest.raises(BlockingIOError, match="in use"),
            guarding(workdir, WatchdogConfig(), StopSignal()),
        ):
            pass
    with (
        pytest.raises(ZeroDivisionError),
        guarding(workdir, WatchdogConfig(), StopSignal()),
    ):
        raise ZeroDivisionError
    assert not workdir.exists()


def test_an_error_of_a_collective_says_that_a_process_was_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "tells_of_lost_process", lambda error: "Gloo" in str(error))
    with (
        pytest.raises(
            ProcessLost, match=r"process 0 of 1, in start, after step 0: another .* Gloo"
        ),
        guarding(tmp_path, WatchdogConfig(), StopSignal()),
    ):
        raise ValueError("UNKNOWN: Gloo AllGather failed\nmore")
