"""Meshes, and where arrays go. What many devices compute: test_multi_device."""

import jax
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

from ssagan_jax.distributed import sharding

# One device eight times over: enough to ask where things would go.
DEVICES = jax.devices()[:1] * 8
MESH = Mesh(np.asarray(DEVICES).reshape(4, 2), ("data", "model"))
TREE = {
    "generator": {
        "params": {
            "down1": {"kernel": jax.ShapeDtypeStruct((3, 4, 4, 3, 8), np.float32)},
            "down2": {"kernel": jax.ShapeDtypeStruct((4, 4, 4, 8, 7), np.float32)},
            "norm": {"scale": jax.ShapeDtypeStruct((8,), np.float32)},
        }
    },
    "step": jax.ShapeDtypeStruct((), np.int32),
}


@pytest.fixture
def eight_devices(monkeypatch):
    monkeypatch.setattr(jax, "device_count", lambda: 8)
    monkeypatch.setattr(jax, "devices", lambda: DEVICES)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ((("data", -1),), (8,)),
        ((("data", 8),), (8,)),
        ((("data", -1), ("model", 2)), (4, 2)),
        ([["data", 4], ["model", 2]], (4, 2)),  # as JSON has it
        ((("data", 1), ("model", -1)), (1, 8)),
    ],
)
def test_a_size_of_minus_1_takes_what_is_left(eight_devices, axes, shape):
    mesh = sharding.make_mesh(axes)
    assert mesh.devices.shape == shape
    assert mesh.axis_names == tuple(name for name, _ in axes)


@pytest.mark.parametrize(
    "axes",
    [
        (("data", 3),),
        (("data", 4),),
        (("data", 16),),
        (("data", -1), ("model", 3)),
        (("data", -1), ("model", -1)),
        (("data", 0),),
        (("data", -2), ("model", -4)),
    ],
)
def test_sizes_that_do_not_fit(eight_devices, axes):
    with pytest.raises(
        ValueError, match=r"config\.mesh = \(\('data', .* does not fit 8 devices: siz"
    ):
        sharding.make_mesh(axes)


def test_mesh_of_the_devices_there_are():
    mesh = sharding.make_mesh((("data", -1),))
    assert mesh.axis_names == ("data",)
    assert mesh.size == jax.device_count()


def test_batches_are_split_over_every_axis():
    assert sharding.batch_sharding(MESH, 16).spec == PartitionSpec(("data", "model"))
    assert sharding.batch_sharding(MESH, 16).shard_shape((16, 8, 32)) == (2, 8, 32)


@pytest.mark.parametrize("batch_size", [4, 12])
def test_a_batch_that_cannot_be_split(batch_size):
    message = rf"batch_size {batch_size} cannot be split over 8 devices: make it a multiple of 8"
    with pytest.raises(ValueError, match=message):
        sharding.batch_sharding(MESH, batch_size)


def specs(rules):
    places = sharding.state_sharding(MESH, TREE, rules)
    params = places["generator"]["params"]
    return {
        "down1": params["down1"]["kernel"].spec,
        "down2": params["down2"]["kernel"].spec,
        "norm": params["norm"]["scale"].spec,
        "step": places["step"].spec,
    }


def test_without_rules_everything_is_replicated():
    assert set(specs(()).values()) == {PartitionSpec()}


def test_a_rule_shards_the_leaves_it_names_and_divides():
    found = specs([["params/.*kernel", [None, None, None, None, "data"]]])
    assert found == {
        "down1": PartitionSpec(None, None, None, None, "data"),
        "down2": PartitionSpec(),  # 7 channels over 4 devices
        "norm": PartitionSpec(),
        "step": PartitionSpec(),
    }


def test_the_first_rule_that_fits_counts():
    rules = [
        ("down1", (None, None, None, None, "model")),
        ("kernel", (None, None, None, "data", None)),
        ("down1|scale", (None, None, None, None, "data")),  # more axes than a scale has
        ("scale", ("model",)),
    ]
    found = specs(rules)
    assert found["down1"] == PartitionSpec(None, None, None, None, "model")
    assert found["down2"] == PartitionSpec(None, None, None, "data", None)
    assert found["norm"] == PartitionSpec("model")


def test_a_rule_with_an_unknown_axis():
    with pytest.raises(
        ValueError, match=r'"kernel" names the axis "fsdp", but config\.mesh has data, m'
    ):
        sharding.state_sharding(MESH, TREE, [("kernel", ("fsdp",))])


def test_a_rule_that_names_nothing():
    message = r'"kernal" is in no path of the state\. Paths look like generator/params/down1/kernel'
    with pytest.raises(ValueError, match=message):
        sharding.state_sharding(MESH, TREE, [("kernal", ("data",))])


@pytest.mark.parametrize("axes", [("data", None), (None, None, None, "data", None)])
def test_a_rule_that_fits_nothing_it_names(axes):
    message = r'"down1" with .* fits none of the 1 arrays it names, such as .*\(3, 4, 4, 3, 8\)'
    with pytest.raises(ValueError, match=message):
        sharding.state_sharding(MESH, TREE, [("down1", axes)])


@pytest.mark.parametrize(
    ("shape", "spec"),
    [
        ((4, 4, 4, 64, 128), (None, None, None, None, "fsdp")),
        ((4, 4, 4, 256, 128), (None, None, None, "fsdp", None)),
        ((4, 4, 4, 128, 128), (None, None, None, None, "fsdp")),  # the last of the longest
        ((2**16, 3), ("fsdp", None)),
        ((2**17 - 1, 3, 1), ()),  # no dimension divides
        ((2**16 - 4,), ()),  # small
        ((), ()),
    ],
)
def test_an_axis_called_fsdp_splits_what_is_large(shape, spec):
    mesh = Mesh(np.asarray(DEVICES).reshape(2, 4), ("data", "fsdp"))
    tree = {"x": jax.ShapeDtypeStruct(shape, np.float32)}
    assert sharding.state_sharding(mesh, tree)["x"].spec == PartitionSpec(*spec)
    assert sharding.state_sharding(MESH, tree)["x"].spec == PartitionSpec()  # no such axis


def test_rules_go_before_fsdp():
    mesh = Mesh(np.asarray(DEVICES).reshape(2, 4), ("data", "fsdp"))
    tree = {"x": jax.ShapeDtypeStruct((512, 512), np.float32)}
    places = sharding.state_sharding(mesh, tree, [("x", ("fsdp", None))])
    assert places["x"].spec == PartitionSpec("fsdp", None)
    places = sharding.state_sharding(mesh, tree, [("x", (None, None))])
    assert places["x"].is_fully_replicated


@pytest.mark.parametrize("batch_size", [8, 24])
def test_a_batch_whose_parts_cannot_be_split(batch_size):
    message = (
        rf"batch_size {batch_size} cannot be split over 8 devices that take their clips in 2 parts "
        r"\(config\.micro_batches\): make it a multiple of 16, or micro_batches smaller"
    )
    with pytest.raises(ValueError, match=message):
        sharding.batch_sharding(MESH, batch_size, parts=2)
    assert sharding.batch_sharding(MESH, 32, parts=2) == sharding.batch_sharding(MESH, 32)


def test_on_one_device_data_parallel_is_the_function():
    """What several do: tests/whole/test_data_parallel.py."""

    def function(params, stats, clips, rng):
        raise AssertionError("not called")

    mesh = Mesh(np.asarray(DEVICES[:1]), ("data",))
    assert sharding.data_parallel(function, mesh) is function
    assert sharding.data_parallel(function, None) is function


def test_whole_is_numpy():
    found = sharding.fetch_global({"x": jax.numpy.arange(3)})
    assert type(found["x"]) is np.ndarray
    assert found["x"].tolist() == [0, 1, 2]


def test_put_batch_makes_one_global_array():
    mesh = sharding.make_mesh((("data", -1),))
    clip = np.arange(2 * 3, dtype=np.uint8).reshape(2, 3)
    batch = sharding.put_batch({"clip": clip}, sharding.batch_sharding(mesh, 2))
    assert np.array_equal(batch["clip"], clip)
    assert batch["clip"].dtype == np.uint8
    assert batch["clip"].sharding.spec == PartitionSpec(("data",))
