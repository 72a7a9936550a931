"""The share of the matrix rate that a step uses."""

import argparse

import pytest

from benchmarks import utilisation
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve


def test_the_median_without_the_first(monkeypatch):
    clock = iter([0.0, 2.0, 10.0, 13.0, 20.0, 29.0])
    monkeypatch.setattr(utilisation.time, "perf_counter", lambda: next(clock))
    runs = []
    assert utilisation.seconds(lambda: runs.append(1), 3) == 3.0
    assert len(runs) == 4


def test_the_rate_is_of_operations(monkeypatch):
    """Of a product, a multiplication and an addition for each pair."""
    ran = []
    monkeypatch.setattr(utilisation, "seconds", lambda run, repeats: ran.append(run()) or repeats)
    assert utilisation.matrix_rate(64, "float32", 2) == 64**3
    assert ran == [None]


def test_the_report(monkeypatch):
    """Twice the seconds are half the share; the schedule decides the mean."""
    settings = resolve(loading.load("configs/ssagan.py:tiny"))
    assert settings.schedule.n_critic == 2
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
    settings = resolve(loading.load("configs/ssagan.py:tiny"))
    found = utilisation.step(settings, 1)
    assert found.keys() == {"discriminator", "generator"}
    assert all(count > 1e8 and took > 0 for count, took in found.values())
