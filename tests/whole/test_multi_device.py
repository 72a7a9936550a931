"""One device and two, four or eight (fake) ones give the same state, however it is split."""

import dataclasses
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ssagan_jax.distributed.compiled_collectives import Collective
from ssagan_jax.ops.attention import LAYOUTS

ROOT = Path(__file__).parent.parent.parent


pytestmark = pytest.mark.slow  # what joins clips, by itself: test_data_parallel.py


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{run/name: array}, from a process that sees eight devices."""
    return see(tmp_path_factory.mktemp("devices") / "runs.npz")


def see(path, *arguments):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # only values matter
    }
    command = [
        sys.executable,
        str(ROOT / "tests" / "helpers" / "devices.py"),
        str(path),
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return dict(np.load(path))


def of(runs, run, kind="state"):
    prefix = f"{run}/{kind}/"
    found = {name.removeprefix(prefix): x for name, x in runs.items() if name.startswith(prefix)}
    assert found
    return found


def differences(one, other):
    assert one.keys() == other.keys()
    return {name: np.abs(one[name].astype(float) - other[name]).max() for name in one}


def test_gradient_descent_agrees_to_a_millionth(runs):
    assert of(runs, "one")["step"] == of(runs, "eight")["step"] == 3
    check_same_state(runs)


# Vectors of spectral norm are as long as 1, and each step turns them, which magnifies rounding.
# States have parted by 0.5 to 1.1 millionths, by the processor; parameters by 0.2 on one.
STATISTICS = 1e-5


def check_agree(one, other, *, limit=1e-6):
    """Parameters and what optimizers keep to this limit, statistics to theirs."""
    found = differences(one, other)
    limits = {name: max(limit, STATISTICS) if "/stats/" in name else limit for name in found}
    assert not {name: apart for name, apart in found.items() if not apart < limits[name]}


def check_same_state(runs, *, limit=1e-6):
    """Of every run, on however many devices and however split."""
    names = {name.partition("/")[0] for name in runs} & {"two", "four", "eight", "fsdp"}
    assert "eight" in names
    for name in names:
        check_agree(of(runs, "one"), of(runs, name), limit=limit)


# How far states may part. TGAN magnifies rounding; of any split of its batch, to 1.4e-4.
OTHERS = {"tgan": 2e-4, "vgan": 1e-6, "rnngan": 1e-6, "mdgan": 1e-6, "ssagan": 1e-6}
# The main kind of each recipe on every number of devices, the others on one and eight.
FULL = {("poster", "per_frame"), ("author", "shared")}


@pytest.mark.parametrize("recipe", ["poster", "author"])
@pytest.mark.parametrize("attention", LAYOUTS)
def test_every_kind_of_attention_agrees_by_every_recipe(tmp_path, recipe, attention):
    meshes = ("one", "eight")
    if (recipe, attention) in FULL:
        meshes += ("two", "four", "fsdp")
    runs = see(tmp_path / "runs.npz", recipe, attention, "{}", *meshes)
    check_same_state(runs)
    for name in meshes[1:]:
        check = check_gathers if name == "fsdp" else check_sums
        check(runs, name)


@pytest.mark.parametrize("model", OTHERS)
def test_other_models_agree(tmp_path, model):
    runs = see(tmp_path / "runs.npz", model, "", "{}", "one", "two", "eight")
    check_same_state(runs, limit=OTHERS[model])
    for found in sent(runs, "eight").values():
        assert {one.kind for one in found} == {"all-reduce"}


@pytest.mark.parametrize("changes", [dict(micro_batches=2), dict(remat="levels")])
def test_options_for_memory_send_nothing_else(tmp_path, changes):
    """Micro-batches by the author's recipe: their gradients are summed over devices once."""
    recipe, parts = ("author", 2) if "micro_batches" in changes else ("poster", 1)
    meshes = ("two", "fsdp")
    runs = see(tmp_path / "runs.npz", recipe, "shared", json.dumps(changes), *meshes)
    check_sums(runs, "two", parts=parts)
    check_gathers(runs, "fsdp", parts=parts)


def sent(runs, run):
    """{role: the collectives of its update}."""
    return {role: [_collective(one) for one in json.loads(str(x))] for role, x in _sent(runs, run)}


def _sent(runs, run):
    return of(runs, run, "sent").items()


def _collective(fields):
    arrays = tuple((dtype, tuple(shape)) for dtype, shape in fields["arrays"])
    found = Collective(**fields | {"arrays": arrays})
    assert found.counted
    return found


def check_sums(runs, run, *, parts=1):
    """All that devices send is sums: of the gradients, once; and of batch norms' statistics."""
    for role, found in sent(runs, run).items():
        assert {one.kind for one in found} == {"all-reduce"}
        check_gradients(runs, run, role, found)
        check_statistics(runs, run, role, found, parts)


def check_gradients(runs, run, role, found):
    """The last sums, of one group, are of the gradients and the losses. Nothing else that is
    summed is more than a number for each channel: no activation, and no gradient again.
    """
    shapes = [x.shape for x in params(runs, run, role)]
    together = json.loads(str(of(runs, run, "together")[role]))
    assert Counter(map(tuple, together)) == Counter([*shapes, *[()] * losses(runs, run, role)])
    summed = [shape for one in found for _, shape in one.arrays for _ in range(one.times)]
    large = [shape for shape in summed if len(shape) > 1]
    assert Counter(large) == Counter(shape for shape in shapes if len(shape) > 1)


def check_statistics(runs, run, role, found, parts):
    """Besides, a mean and a variance for each pass, and for its gradients; five passes at most."""
    once = 4 * sum(x.size for x in params(runs, run, role)) + 4 * losses(runs, run, role)
    norms = 4 * sum(x.size for name, x in of(runs, run).items() if "batch_stats" in name)
    assert once < sum(one.times * one.bytes for one in found) < once + parts * 5 * 2 * norms


def params(runs, run, role):
    return [x for name, x in of(runs, run).items() if name.startswith(f"{role}/params/")]


def losses(runs, run, role):
    """How many numbers a role's losses are."""
    names = [name for name in of(runs, run, "metrics") if name.startswith(f"{role[0]}/")]
    return len(names) - 1  # the gradient's norm is of what was summed


def check_gathers(runs, run, *, parts=1):
    """Besides, kernels and their statistics are gathered, each once for each update, before."""
    state, shards = of(runs, run), of(runs, run, "shard")
    split = [x for name, x in state.items() if x.size > np.prod(shards[name])]
    sums = {}
    for role, found in sent(runs, run).items():
        gathered = [one for one in found if one.kind != "all-reduce"]
        assert {one.kind for one in gathered} == {"all-gather"}
        assert {(one.group, one.times) for one in gathered} == {(4, 1)}
        assert {shape for one in gathered for _, shape in one.arrays} <= {x.shape for x in split}
        assert sum(one.bytes for one in gathered) <= 4 * sum(x.size for x in split)
        rest = [dataclasses.asdict(one) for one in found if one.kind == "all-reduce"]
        sums[f"{run}/sent/{role}"] = json.dumps(rest)
    check_sums({**runs, **sums}, run, parts=parts)


def test_devices_send_sums_only(runs):
    check_sums(runs, "eight")


def test_with_fsdp_they_gather_what_is_split_only(runs):
    """Activations stay where they are, whole in their channels."""
    check_gathers(runs, "fsdp")


def test_a_new_state_is_the_same_however_it_is_split(runs):
    """The parameters to the bit; vectors of spectral norm are products, which round."""
    found = differences(of(runs, "new/one"), of(runs, "new/fsdp"))
    assert any("/spectral/" in name for name in found)
    for name, difference in found.items():
        assert difference <= (STATISTICS if "/spectral/" in name else 0), name


def test_one_device_sends_nothing(runs):
    assert sent(runs, "one") == {"discriminator": [], "generator": []}


@pytest.mark.parametrize("count", [2, 4, 8])
def test_any_number_of_devices_agrees(runs, count):
    check_agree(of(runs, "stub/1"), of(runs, f"stub/{count}"))


def test_parts_of_a_batch_are_the_same_on_any_number_of_devices(runs):
    check_agree(of(runs, "parts/1"), of(runs, "parts/4"))
    other = differences(of(runs, "parts/1"), of(runs, "stub/1"))
    assert max(other.values()) > 1e-4  # batch norm sees one part at a time


def test_parts_send_gradients_once(runs):
    check_sums(runs, "parts/4", parts=2)


def test_both_networks_out_of_one_pass_send_their_gradients_together(runs):
    check_agree(of(runs, "both/1"), of(runs, "both/4"))
    roles = ("generator", "discriminator")
    shapes = [x.shape for role in roles for x in params(runs, "both/4", role)]
    numbers = sum(losses(runs, "both/4", role) for role in roles)
    last = json.loads(str(of(runs, "both/4", "together")["together"]))
    assert Counter(map(tuple, last)) == Counter([*shapes, *[()] * numbers])
    assert {one.kind for one in sent(runs, "both/4")["together"]} == {"all-reduce"}


def test_large_arrays_are_split_over_fsdp(runs):
    whole, shards = of(runs, "fsdp"), of(runs, "fsdp", "shard")
    parts = {name: whole[name].size // np.prod(shards[name]) for name in whole}
    split = [name for name, count in parts.items() if count == 4]
    assert set(parts.values()) == {1, 4}
    assert any("/kernel" in name for name in split)
    assert all(whole[name].size >= 2**8 for name in split)


def test_adam_agrees_to_a_hundredth_of_its_rate(runs):
    """Adam divides by the gradient's size, so where that is small the rounding shows."""
    found = differences(of(runs, "adam/one"), of(runs, "adam/four_by_two"))
    parameters = [value for name, value in found.items() if "/params/" in name]
    assert max(parameters) < 0.01 * 2e-4


@pytest.mark.parametrize(
    ("run", "alone"), [("eight", "one"), ("fsdp", "one"), ("adam/four_by_two", "adam/one")]
)
def test_losses_are_of_the_whole_batch(runs, run, alone):
    one, many = of(runs, alone, "metrics"), of(runs, run, "metrics")
    assert {"d/vanilla", "g/vanilla"} <= one.keys()
    for name in one:
        np.testing.assert_allclose(many[name], one[name], rtol=1e-4)


def test_training_went_somewhere(runs):
    """Or agreeing would be easy."""
    after = of(runs, "one")
    moved = [after[f"{role}/params/output/kernel"].std() for role in ("generator", "discriminator")]
    assert all(0.0205 < spread < 1 for spread in moved), moved  # from 0.02
    stub = of(runs, "stub/1")["generator/params/dense/kernel"].std()
    assert 0.0205 < stub < 1, stub


def test_rules_split_parameters_and_optimizer_state(runs):
    whole, shards = of(runs, "adam/four_by_two"), of(runs, "adam/four_by_two", "shard")
    assert whole["generator/params/dense/kernel"].shape == (3, 6)
    for tree in ("params", "opt_state/mu", "opt_state/nu"):
        assert tuple(shards[f"generator/{tree}/dense/kernel"]) == (3, 3)
    assert tuple(shards["generator/params/norm/scale"]) == (6,)  # no rule names it
    assert tuple(shards["discriminator/params/output/kernel"]) == (4, 1)  # 1 cannot be halved
