"""All contenders of a benchmark compute the same."""

import argparse
from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from benchmarks import attention, convolution, step  # noqa: E402
from benchmarks.torch_networks import Discriminator, Generator  # noqa: E402

HERE = argparse.Namespace(device="cpu", precision="float32")
SHAPE = argparse.Namespace(size=32, frames=8, features=2, batch=2, recipe="author", **vars(HERE))
LAYERS = dict(convolution.layers(32, 8, 2, 2))


def channels_last(result):
    return [np.moveaxis(x.detach().numpy(), 1, -1) for x in result]


@pytest.mark.parametrize("name", ["down1", "down2", "up1", "up2", "output"])
def test_convolutions(name):
    layer = LAYERS[name]
    y, dx, dkernel = convolution.peer(layer, True, HERE)()
    expected = [*channels_last((y, dx)), dkernel.numpy().transpose(2, 3, 4, 1, 0)]
    assert y.movedim(1, -1).shape == layer.result
    for form in (convolution.ours, convolution.flax):
        found = form(layer, True, HERE)()
        kernel = np.asarray(found[2])
        if form is convolution.flax and layer.transpose:
            kernel = kernel[::-1, ::-1, ::-1].swapaxes(3, 4)
        for one, other in zip((*found[:2], kernel), expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4 * np.abs(other).max())
        [forward] = form(layer, False, HERE)()
        np.testing.assert_allclose(forward, expected[0], atol=1e-4 * np.abs(expected[0]).max())


def test_the_layers_are_those_of_the_networks():
    kinds = (torch.nn.Conv3d, torch.nn.ConvTranspose3d)
    networks = (Generator(2, size=32, frames=8), Discriminator(2, size=32, frames=8))
    kernels = [
        {m.weight.shape for m in network.modules() if isinstance(m, kinds)} for network in networks
    ]
    assert len(LAYERS) == 3 + 1 + 1 + 3 + 1
    shapes = {
        name: layer.arrays()[1].transpose(4, 3, 0, 1, 2).shape for name, layer in LAYERS.items()
    }
    assert {shape for name, shape in shapes.items() if name != "score"} == kernels[0]
    assert {s for name, s in shapes.items() if name[:4] == "down" or name == "score"} == kernels[1]


@pytest.mark.parametrize("kind", attention.PEERS)
def test_attention(kind):
    shape = (2, 2, 4, 4, 8)
    expected = channels_last(attention.peer(kind, shape, True, HERE, False)())
    assert np.abs(expected[1]).max() > 1e-5
    others = [channels_last(attention.peer(kind, shape, True, HERE, True)())]
    others += [
        attention.ours(kind, shape, True, HERE, form)() for form in ("plain", "jax.nn", "auto")
    ]
    for found in others:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5 * np.abs(other).max() + 1e-8)


def test_maps_too_large_are_left_out():
    asked = argparse.Namespace(
        kinds="spatiotemporal,shared",
        batch=1,
        frames=32,
        size=64,
        features=32,
        largest=4.0,
        **vars(HERE),
    )
    found = attention.cases(asked)
    assert found["spatiotemporal, forward"]["plain"] == "maps of 64 GiB"
    assert attention.map_gib("per_frame", (1, 32, 64, 64, 32)) == 2.0
    assert not isinstance(found["shared, and backward"]["plain"], str)


def test_in_bfloat16_contenders_agree_as_far_as_it_goes():
    half = argparse.Namespace(device="cpu", precision="bfloat16")
    y, *_ = convolution.peer(LAYERS["down2"], True, half)()
    assert y.dtype == torch.bfloat16
    [expected] = channels_last([y.float()])
    [found] = convolution.ours(LAYERS["down2"], False, half, "fast")()
    assert found.dtype == jnp.bfloat16
    np.testing.assert_allclose(found.astype(float), expected, atol=0.02 * np.abs(expected).max())
    shape = (2, 2, 4, 4, 8)
    [expected] = channels_last([attention.peer("shared", shape, False, half, False)()[0].float()])
    [found] = attention.ours("shared", shape, False, half, "auto")()
    assert found.dtype == jnp.bfloat16
    np.testing.assert_allclose(found.astype(float), expected, atol=0.02 * np.abs(expected).max())


def test_which_contenders_a_device_has():
    gpu = argparse.Namespace(**{**vars(SHAPE), "device": "cuda", "precision": "bfloat16"})
    assert convolution.cases(SHAPE)["up1, forward"].keys() == {"peer", "flax", "ours"}
    assert convolution.cases(gpu)["up1, forward"].keys() == {"peer", "flax", "fast", "ours"}
    assert attention.no_cudnn("per_frame", SHAPE) == "needs --device=cuda --precision=bfloat16"
    assert attention.no_cudnn("per_frame", gpu) is None
    gpu.features = 32
    assert attention.no_cudnn("shared", gpu) == "256 features, it takes 128"


def test_the_peer_has_one_recipe():
    asked = argparse.Namespace(**{**vars(SHAPE), "recipe": "poster", "compile": True})
    found = step.contenders(asked, "iteration")
    assert found["peer"] == found["peer, compiled"] == "the authors' code has no recipe poster"
    assert len(step.batches(asked)) == 1
    asked.recipe, asked.compile = "author", False
    assert [*step.contenders(asked, "iteration")] == ["peer", "ours"]
    assert len(step.batches(asked)) == 5


def test_an_iteration_of_the_peer(monkeypatch):
    """Five batches, each other; the generator is updated on the last."""
    calls = []

    class Author:
        @classmethod
        def of(cls, **shape):
            assert shape == dict(size=32, frames=8, features=2, device="cpu")
            return cls()

        @property
        def generator(self):
            return argparse.Namespace(compile=lambda: calls.append("compiled"))

        def step(self, real, *, update_generator):
            calls.append((real, update_generator))

    monkeypatch.setattr("benchmarks.torch_peer.Author", Author)
    step.peer(SHAPE, "iteration", False)()
    assert [flag for _, flag in calls] == [False] * 4 + [True]
    assert calls[0][0].shape == (2, 3, 8, 32, 32)
    assert len({float(real.sum()) for real, _ in calls}) == 5
    step.peer(SHAPE, "iteration", True)
    assert calls[5:] == ["compiled"]


def test_an_iteration_of_ours(monkeypatch):
    """The steps that the training loop would take, in the authors' recipe, and their state."""
    calls = []

    def compile_steps(gan, *_, batch_size):
        assert batch_size == SHAPE.batch
        assert (gan.generator.attention, gan.generator.gate) == ("shared", "none-zero-init")
        assert (gan.generator.precision, gan.generator.features) == ("bfloat16", 2)
        return {role: partial(program, role) for role in ("discriminator", "generator")}

    def program(role, state, batch):
        calls.append((role, state, int(batch["clip"].sum())))
        return state + 1, {}

    monkeypatch.setattr("ssagan_jax.training.compilation.compile_steps", compile_steps)
    monkeypatch.setattr("ssagan_jax.training.state.create", lambda gan, seed: jnp.int32(seed))
    asked = {**vars(SHAPE), "precision": "bfloat16", "config": ["generator.gate=none-zero-init"]}
    asked = argparse.Namespace(**asked)
    run = step.ours(asked, "iteration")
    run()
    run()
    roles = 5 * ["discriminator"] + ["generator"]
    assert [role for role, _, _ in calls] == 2 * roles
    assert [int(state) for _, state, _ in calls] == list(range(12))
    given = [int(clips.sum()) for clips in step.batches(asked)]
    assert len(set(given)) == 5
    assert [clip for *_, clip in calls[:6]] == [*given, given[-1]]
    step.ours(asked, "discriminator update")()
    step.ours(asked, "generator update")()
    assert [role for role, _, _ in calls[12:]] == ["discriminator", "generator"]
