"""What a configuration needs, told before it runs."""

from dataclasses import replace
from types import SimpleNamespace

import jax
import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.training import doctor
from tests.helpers.stubs import make_gan

GIB = doctor.GIB
FOUND = {
    "parameters": {"generator": 1234, "discriminator": 56},
    "programs": {
        "discriminator": dict(
            flops=3e9, compiled_flops=2e9, arguments=GIB, temporary=GIB, peak=2 * GIB
        )
        | {"cycles": None, "communication": {}},
        "generator": dict(
            flops=5e9, compiled_flops=4e9, arguments=GIB, temporary=3 * GIB, peak=4 * GIB
        )
        | {"cycles": 2.5e6, "communication": {"all-reduce": {"count": 5, "bytes": 3 * 2**20}}},
    },
}


@pytest.fixture
def settings():
    return resolve(loading.load("configs/ssagan.py:tiny"))


@pytest.mark.slow
def test_examine_compiles_each_program_of_the_schedule(settings, monkeypatch):
    monkeypatch.setattr(doctor, "build_gan", lambda config: make_gan())
    schedule = replace(settings.schedule, batch_size=4, n_critic=2)
    found = doctor.examine(replace(settings, schedule=schedule))
    assert found["parameters"] == {"generator": 3 * 6 + 2 * 6, "discriminator": 3 * 4 + 2 * 4 + 5}
    small, other = (found["programs"][role] for role in ("discriminator", "generator"))
    # The generator's forward pass; two of the discriminator, each with two products more for
    # the gradients, but none for the clips.
    generator, discriminator = 2 * 4 * 144 * 3 * 6, 2 * 4 * 2 * 144 * 3 * 4
    assert small["flops"] == pytest.approx(generator + 4 * discriminator, rel=1e-2)
    # The generator's gradients need one product more, the clips' three through the discriminator.
    assert other["flops"] == pytest.approx(2 * generator + 2 * discriminator, rel=1e-2)
    clips = 4 * 2 * 12 * 12 * 3
    assert small["arguments"] > clips and small["temporary"] > 0
    assert small["peak"] >= small["arguments"] + small["temporary"]
    assert small["compiled_flops"] > 0
    assert small["accessed"] > clips
    assert small["communication"] == {}  # on one device


def test_the_peak_counts_what_is_given_back_in_place_once():
    memory = SimpleNamespace(
        argument_size_in_bytes=100,
        temp_size_in_bytes=50,
        output_size_in_bytes=90,
        alias_size_in_bytes=80,
    )
    step = SimpleNamespace(
        memory_analysis=lambda: memory,
        cost_analysis=lambda: {"flops": 7.0, "bytes accessed": 300.0},
        as_text=lambda: (
            "ENTRY %main (p: f32[8]) -> f32[8] {\n"
            "  %sum = f32[8]{0} all-reduce(%p), replica_groups={{0,1}}, to_apply=%add\n}\n"
        ),
    )
    expected = {"compiled_flops": 7, "accessed": 300, "cycles": None, "arguments": 100}
    expected["temporary"] = 50
    expected["peak"] = 160
    expected["communication"] = {"all-reduce": {"count": 1, "bytes": 32}}
    assert doctor._measure(step) == expected


@pytest.mark.parametrize(
    ("memory", "said"),
    [(8 * GIB, "4.00 GiB predicted per device; it has 8.0 GiB"), (None, "it has unknown")],
)
def test_the_report(settings, monkeypatch, memory, said):
    monkeypatch.setattr(doctor, "examine", lambda config, devices: FOUND)
    monkeypatch.setattr(doctor, "device_memory", lambda: memory)
    text = doctor.describe_needs(settings)
    for part in (
        f"{jax.device_count()} x ",
        f"jax {jax.__version__}",
        "batches of 8 clips of 32 x 32 x 8; precision float32, remat none, micro_batches 1",
        "ssagan, 1,234 parameters",
        "mdgan, 56 parameters",
        "3.0 GFLOP in products and convolutions (2.0 by XLA's count, loops once); 1.00 GiB of",
        "batch, 1.00 GiB besides\n",
        "3.00 GiB besides; 2.5 million cycles by the compiler's estimates\n",
        "between devices       none",
        "between devices       5 all-reduce of 3.00 MiB",
        "between devices, a step 2.5 all-reduce of 1.50 MiB",
        said,
        f"For less memory: {doctor.LESS_MEMORY}",
    ):
        assert part in text
    assert "This will not fit." not in text


def test_the_data_set_is_looked_for(settings, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "examine", lambda config, devices: FOUND)
    there = {"name": "sky", "data_dir": str(tmp_path)}
    text = doctor.describe_needs(replace(settings, dataset=replace(settings.dataset, **there)))
    assert f'The data set "sky" is not built in {tmp_path}. Build it with: ssagan data' in text
    monkeypatch.setattr(doctor, "examine", None)  # an unknown one is said before
    unknown = replace(settings, dataset=replace(settings.dataset, name="skyy"))
    with pytest.raises(ValueError, match=r'Unknown data set "skyy"\. Did you mean "sky"'):
        doctor.describe_needs(unknown)


def test_the_report_of_what_does_not_fit(settings, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda config, devices: FOUND)
    monkeypatch.setattr(doctor, "device_memory", lambda: 3 * GIB)
    assert "This will not fit." in doctor.describe_needs(settings)


@pytest.mark.parametrize(
    ("platform", "stats", "expected"),
    [("gpu", {"bytes_limit": 5}, 5), ("gpu", None, None), ("tpu", {}, None)],
)
def test_memory_of_an_accelerator(monkeypatch, platform, stats, expected):
    device = SimpleNamespace(platform=platform, memory_stats=lambda: stats)
    monkeypatch.setattr(jax, "local_devices", lambda: [device])
    assert doctor.device_memory() == expected


def test_memory_of_a_cpu_is_the_machines():
    assert doctor.device_memory() > 2**28


def test_the_report_for_a_slice_that_is_not_here(settings, monkeypatch):
    """It says what was compiled for; the memory of this machine is no matter."""
    chips = [SimpleNamespace(device_kind="TPU v5 lite", platform="tpu")] * 8
    monkeypatch.setattr(doctor, "examine", lambda config, devices: FOUND if devices == chips else 0)
    monkeypatch.setattr(doctor.topologies, "devices", {"v5e:2x4": chips}.get)
    monkeypatch.setattr(doctor, "device_memory", lambda: 3 * GIB)
    text = doctor.describe_needs(settings, topology="v5e:2x4")
    assert "8 x TPU v5 lite (tpu)" in text
    assert "4.00 GiB predicted per device; it fits, or the compiler would have refused" in text
    assert "This will not fit." not in text
