"""Conversion without PyTorch: layouts, and what is refused."""

import sys

import numpy as np
import pytest

from ssagan_jax.checkpoints.torch import (
    fields,
    files,
    layout,
    load_torch,
    loading,
    names,
)

KERNEL = (3, 4, 5, 6, 7)  # [t, h, w, in, out], no two alike


def discriminator_file(features=2):
    """A 64-pixel discriminator's state, every array different."""
    network = fields.Network(
        "mdgan",
        dict(size=64, features=features, head="pair"),
        names.discriminator_table(4, spectral_norm=True),
    )
    wanted = loading.expected_shapes(loading.make_module(network, "discriminator"), "discriminator")
    draw = np.random.default_rng(0)
    state = {
        name: draw.normal(size=layout.in_file(wanted[place.path], place.kind)).astype(np.float32)
        for name, place in network.table.items()
    }
    return state, network, wanted


@pytest.fixture(scope="module")
def whole():
    return discriminator_file()


def test_kernels_keep_every_tap():
    ours = np.arange(np.prod(KERNEL)).reshape(KERNEL)
    theirs = np.zeros(layout.in_file(KERNEL, names.KERNEL))
    assert theirs.shape == (7, 6, 3, 4, 5)
    for t, h, w, i, o in np.ndindex(KERNEL):
        theirs[o, i, t, h, w] = ours[t, h, w, i, o]
    assert np.array_equal(layout.to_ours(theirs, names.KERNEL), ours)


def test_a_spectral_vector_multiplies_the_same_taps():
    """u W v is the same number in either layout, for a convolution and a transposed one."""
    draw = np.random.default_rng(0)
    for out, transpose in ((0, False), (1, True)):
        kernel = draw.normal(size=(7, 6, 3, 4, 5))
        matrix = np.moveaxis(kernel, out, 0).reshape(kernel.shape[out], -1)
        v = draw.normal(size=matrix.shape[1])
        ours = layout.to_ours(kernel, names.KERNEL)
        axis = -2 if transpose else -1
        rows = np.moveaxis(ours, axis, 0).reshape(ours.shape[axis], -1)
        moved = layout.to_ours(v, names.REST, ours.shape)
        np.testing.assert_allclose(rows @ moved, matrix @ v)


def test_other_layouts():
    pointwise = np.arange(6).reshape(2, 3, 1, 1, 1)
    assert layout.in_file((3, 2), names.POINTWISE) == pointwise.shape
    assert np.array_equal(layout.to_ours(pointwise, names.POINTWISE), pointwise[:, :, 0, 0, 0].T)
    assert layout.in_file((), names.SCALAR) == (1,)
    assert layout.to_ours(np.ones(1), names.SCALAR).shape == ()


def test_every_variable_is_filled(whole):
    state, network, wanted = whole
    counts = {"slice2.1.num_batches_tracked": np.zeros(())}
    variables = loading.convert_arrays({**state, **counts}, network, wanted)
    assert set(variables) == {"params", "batch_stats", "spectral"}
    mean = variables["batch_stats"]["down3"]["BatchNorm_0"]["mean"]
    assert np.array_equal(mean, state["slice2.4.running_mean"])


def test_unknown_missing_and_wrongly_shaped_names_are_all_listed(whole):
    state, network, wanted = whole
    state = {**state, "fc.bias": np.zeros(3), "slice2.1.bias": np.zeros(5)}
    del state["slice4.0.weight_u"], state["slice1.0.weight_v"]
    with pytest.raises(ValueError, match="not of the network that model, role") as error:
        loading.convert_arrays(state, network, wanted)
    assert sorted(str(error.value).splitlines()[1:]) == [
        "  missing: slice1.0.weight_v (144,)",
        "  missing: slice4.0.weight_u (1,)",
        "  shape: slice2.1.bias is (5,), expected (4,)",
        "  unknown: fc.bias (3,)",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(model="vgan"), r"model must be one of ssagan, mdgan, not vgan\."),
        (dict(role="critic"), r"role must be one of generator, discriminator, not critic\."),
        (dict(stage=3), r"stage must be one of 1, 2, not 3\."),
        (dict(role="discriminator", stage=2), r"A discriminator has no stage: leave stage=2 out"),
    ],
)
def test_unknown_options(options, message):
    with pytest.raises(ValueError, match=message):
        load_torch("any.pth", **options)


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError, match=r"No file nowhere\.pth\. Expected what torch"):
        files.read_state_dict("nowhere.pth")


def test_without_pytorch_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "g.pth").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"needs PyTorch: pip install 'ssagan_jax\[torch\]'"):
        files.read_state_dict(tmp_path / "g.pth")
