"""Signals that ask a run to stop."""

import signal

import pytest

from ssagan_jax.training.signals import StopSignal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_is_noted_and_the_second_acts(number, capsys):
    def own(*_):
        raise KeyboardInterrupt

    before = signal.signal(number, own)
    stop = StopSignal()
    try:
        with stop.caught():
            assert not stop.received
            signal.raise_signal(number)
            assert stop.received and stop.name == number.name
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
        assert signal.getsignal(number) is own
    finally:
        signal.signal(number, before)
    assert f"{number.name}: saving after this step. Once more ends" in capsys.readouterr().out


def test_without_a_signal_all_is_as_before():
    before = signal.getsignal(signal.SIGTERM)
    with StopSignal().caught():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
