"""The share of the matrix rate that a step uses."""

import argparse
import time

import pytest

from benchmarks import utilisation
from ssagan_jax import config
from ssagan_jax.train import workdirs


def test_the_median_without_the_first():
    waits = iter([0.3, 0.01, 0.02, 0.2])
    assert 0.02 <= utilisation.seconds(lambda: time.sleep(next(waits)), 3) < 0.1


def test_the_rate_is_of_operations():
    assert 1e6 < utilisation.matrix_rate(64, "float32", 3) < 1e13


def test_the_report(monkeypatch):
    """Twice the seconds are half the share; the schedule decides the mean."""
    settings = workdirs.resolve(config.load("configs/ssagan.py:tiny"))
    assert settings["n_critic"] == 2
    found = {"discriminator": (4e9, 0.1), "generator": (8e9, 0.4)}
    monkeypatch.setattr(utilisation, "matrix_rate", lambda *_: 80e9)
    monkeypatch.setattr(utilisation, "step", lambda *_: found)
    text = utilisation.report(settings, argparse.Namespace(matrix=64, repeats=1))
    assert "| discriminator | 4.0 | 100.0 | 0.04 | 50 % |" in text
    assert "| generator | 8.0 | 400.0 | 0.02 | 25 % |" in text
    assert "| mean step | 8.0 | 300.0 | 0.0267 | 33 % |" in text
    assert "0.08 TFLOP/s in products of 64 x 64, float32" in text


@pytest.mark.slow
def test_a_real_step():
    settings = workdirs.resolve(config.load("configs/ssagan.py:tiny"))
    found = utilisation.step(settings, 1)
    assert found.keys() == {"discriminator", "generator"}
    assert all(count > 1e8 and took > 0 for count, took in found.values())
