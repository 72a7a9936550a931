"""Builds by Apache Beam."""

import importlib.util

import pytest

from ssagan_jax import data
from ssagan_jax.data.building import groups, on_beam
from tests.helpers.made_shots import digests, make_shot

without_beam = pytest.mark.skipif(
    not importlib.util.find_spec("apache_beam"),
    reason="needs apache_beam: pip install -e '.[beam]'",
)
pytestmark = pytest.mark.filterwarnings("default")  # of Beam's own


def test_beam_is_asked_for(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "apache_beam", None)
    with pytest.raises(ImportError, match=r"--runner=DirectRunner needs .* 'ssagan_jax\[beam\]'"):
        on_beam.write_groups([], "x", runner="DirectRunner", options="")


@without_beam
def test_the_same_bytes_as_serially(sky_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 2)
    monkeypatch.chdir(tmp_path)
    source = str(sky_folder.relative_to(tmp_path))
    data.build("sky", source=source, data_dir="serial")
    options = "--direct_running_mode=in_memory"
    data.build("sky", source=source, data_dir="b", runner="DirectRunner", beam_options=options)
    serial, by_beam = (
        digests(tmp_path / name / "ssagan_sky" / "1.0.0") for name in ("serial", "b")
    )
    assert serial == by_beam


@without_beam
def test_a_shot_that_fails_is_named(tmp_path):
    planned = groups.plan_groups([make_shot(tmp_path, "a", fault="raises")])
    with pytest.raises(
        RuntimeError, match="DirectRunner failed: Reading the shot a failed: KeyError"
    ):
        on_beam.write_groups(planned, str(tmp_path / "out"), runner="DirectRunner", options="")
