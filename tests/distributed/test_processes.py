"""Joining, comparing, stopping, with the other processes played. For real: test_multi_process."""

from types import SimpleNamespace

import jax
import numpy as np
import pytest

from ssagan_jax.distributed import launchers, processes


@pytest.fixture
def joined(monkeypatch):
    """What ``jax.distributed.initialize`` was called with, on a machine without a launcher."""
    calls = []
    monkeypatch.setattr(jax.distributed, "initialize", lambda **options: calls.append(options))
    monkeypatch.setattr(launchers, "detect_launcher", lambda: None)
    monkeypatch.setattr(launchers, "promised_devices", lambda: None)
    # JAX has no getter for it, so the test may not change it for those that follow.
    monkeypatch.setattr(processes.jax.config, "update", lambda name, value: None)
    return calls


@pytest.fixture
def three(monkeypatch):
    """Makes this process 0 of three, and the others say ``others``."""

    def played(*others):
        monkeypatch.setattr(jax, "process_count", lambda: 3)
        monkeypatch.setattr(processes, "wait_for_all_processes", lambda: None)
        monkeypatch.setattr(processes, "_gather_text", lambda text: [text, *others])

    return played


def test_a_plain_machine_joins_nothing(joined):
    processes.start()
    assert joined == []


def test_options_say_where_the_others_are(joined):
    processes.start(coordinator="host:1234", processes=2, process_id=0)
    [call] = joined
    assert call["coordinator_address"] == "host:1234"
    assert (call["num_processes"], call["process_id"]) == (2, 0)
    assert call["cluster_detection_method"] == "deactivate"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"processes": 2}, "--coordinator, --process-id missing"),
        ({"coordinator": "host:1", "processes": 2}, "--process-id missing"),
        ({"process_id": 0}, "--coordinator, --processes missing"),
    ],
)
def test_options_go_together(joined, given, missing):
    with pytest.raises(ValueError, match=f"{missing}: --coordinator=HOST:PORT, .* go together"):
        processes.start(**given)
    assert joined == []


def test_a_launcher_is_joined_as_jax_finds_it(joined, monkeypatch):
    monkeypatch.setattr(launchers, "detect_launcher", lambda: "slurm")
    monkeypatch.setattr(launchers, "local_devices", lambda: [0, 1])
    processes.start()
    [call] = joined
    assert call["local_device_ids"] == [0, 1]
    assert "coordinator_address" not in call


def test_another_number_of_devices_than_promised(joined, monkeypatch):
    here = jax.device_count()
    processes.start(devices=here)
    with pytest.raises(ValueError, match=rf"^999 devices were promised .* JAX sees {here} of kind"):
        processes.start(devices=999)
    monkeypatch.setattr(launchers, "promised_devices", lambda: 998)
    with pytest.raises(ValueError, match=r"^998 devices were promised"):
        processes.start()
    processes.start(devices=here)  # what is asked for goes first


def test_processes_with_other_numbers_of_devices(monkeypatch):
    monkeypatch.setattr(
        jax, "devices", lambda: [SimpleNamespace(process_index=i) for i in (0, 0, 1, 1, 2)]
    )
    with pytest.raises(ValueError, match=r"Process 2 has 1 devices, process 0 has 2\. Start"):
        processes.check_equal_devices()
    monkeypatch.setattr(
        jax, "devices", lambda: [SimpleNamespace(process_index=i) for i in (0, 0, 1, 1)]
    )
    processes.check_equal_devices()


def test_equal_values_pass(three):
    three('{"seed": 1, "code": "a"}', '{"code": "a", "seed": 1}')
    processes.assert_equal_across_processes({"code": "a", "seed": 1})


def test_differences_are_named_with_both_values(three):
    three('{"code": "a", "seed": 1}', '{"code": "b", "extra": 0}')
    with pytest.raises(ValueError, match="The processes do not agree:\n") as error:
        processes.assert_equal_across_processes({"code": "a", "seed": 1})
    assert "  code: 'a' on process 0, 'b' on process 2\n" in str(error.value)
    assert "  extra: 'absent' on process 0, 0 on process 2\n" in str(error.value)
    assert "  seed: 1 on process 0, 'absent' on process 2\n" in str(error.value)


def test_an_error_of_another_process_stops_this_one(three):
    three("", "OSError: no clip 7")
    with pytest.raises(ChildProcessError, match=r"^Process 2 stopped: OSError: no clip 7$"):
        processes.run_on_all_processes(lambda: 5)


def test_ones_own_error_is_told_and_raised(three, monkeypatch):
    three("", "")
    told = []
    monkeypatch.setattr(processes, "_gather_text", lambda text: told.append(text) or [text, "", ""])

    def fail():
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        processes.run_on_all_processes(fail)
    assert told == ["KeyError: 'gone'"]


def test_what_all_could_do_is_returned(three):
    three("", "")
    assert processes.run_on_all_processes(lambda: 5) == 5


@pytest.mark.parametrize("value", [None, 21.123456789012345])
@pytest.mark.parametrize("index", [0, 1])
def test_the_primary_process_works_and_all_get_its_number(three, monkeypatch, value, index):
    three("", "")
    done = []
    bits = np.atleast_1d(np.float64(np.nan if value is None else value)).view(np.uint32)
    monkeypatch.setattr(processes.multihost_utils, "broadcast_one_to_all", lambda mine: bits)
    monkeypatch.setattr(jax, "process_index", lambda: index)
    assert processes.run_on_primary_process(lambda: done.append(1) or value) == value
    assert len(done) == (index == 0)


@pytest.mark.parametrize("index", [0, 2])
def test_the_primary_process_is_first(monkeypatch, index):
    order = []

    def run_on_primary_process(work):
        if index == 0:
            work()
        order.append("all others wait until here")

    monkeypatch.setattr(processes, "run_on_primary_process", run_on_primary_process)
    found = processes.run_on_primary_process_first(lambda: order.append("work") or 7)
    assert found == 7
    assert order == (["work", order[1]] if index == 0 else [order[0], "work"])


def test_only_the_primary_process_prints(monkeypatch, capsys):
    for index in (0, 1):
        monkeypatch.setattr(jax, "process_index", lambda index=index: index)
        with processes.print_on_primary_process():
            print(f"process {index}")
    assert capsys.readouterr().out == "process 0\n"


def test_alone_everything_returns_at_once():
    processes.wait_for_all_processes()
    processes.assert_equal_across_processes({"seed": 1})
    assert (
        processes.run_on_all_processes(lambda: 5.0)
        == processes.run_on_primary_process(lambda: 5.0)
        == 5.0
    )
    assert processes.is_primary_process()
    sync = processes.PreemptionSync()
    sync.update(True)
    assert not sync.reached(False)
    assert sync.reached(True)


def test_a_wish_to_stop_takes_effect_a_step_later(monkeypatch):
    """With two processes played, of which this machine's devices are one."""
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    sync = processes.PreemptionSync()
    seen = []
    for wish in (False, True, False, False):
        sync.update(wish)
        seen.append(sync.reached(wish))
    assert seen == [False, False, True, False]


def test_errors_of_collectives_tell_of_a_lost_process_and_what_it_said_itself_does_not(monkeypatch):
    gone = ValueError("UNKNOWN: Gloo AllGather failed: Connection closed by peer")
    assert not processes.tells_of_lost_process(gone)
    monkeypatch.setattr(processes.jax, "process_count", lambda: 2)
    assert processes.tells_of_lost_process(gone)
    assert not processes.tells_of_lost_process(ValueError("config.batch_size is 3"))
    said = ChildProcessError("Process 0 stopped: OSError: Connection reset")
    assert not processes.tells_of_lost_process(said)
