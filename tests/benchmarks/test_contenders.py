"""All contenders of a benchmark compute the same."""

import argparse
from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from benchmarks import attention, convolution, step  # noqa: E402
from benchmarks.torch_networks import Discriminator, Generator  # noqa: E402

SHAPE = argparse.Namespace(size=32, frames=8, features=2, batch=2)
LAYERS = dict(convolution.layers(32, 8, 2, 2))


def channels_last(result):
    return [np.moveaxis(x.detach().numpy(), 1, -1) for x in result]


@pytest.mark.parametrize("name", ["down1", "down2", "up1", "up2", "output"])
def test_convolutions(name):
    layer = LAYERS[name]
    y, dx, dkernel = convolution.peer(layer, True)()
    expected = [*channels_last((y, dx)), dkernel.numpy().transpose(2, 3, 4, 1, 0)]
    assert y.movedim(1, -1).shape == layer.result
    for form in (convolution.ours, convolution.flax):
        found = form(layer, True)()
        kernel = np.asarray(found[2])
        if form is convolution.flax and layer.transpose:
            kernel = kernel[::-1, ::-1, ::-1].swapaxes(3, 4)
        for one, other in zip((*found[:2], kernel), expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4 * np.abs(other).max())
        [forward] = form(layer, False)()
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
    expected = channels_last(attention.peer(kind, shape, True, False)())
    assert np.abs(expected[1]).max() > 1e-5
    others = [channels_last(attention.peer(kind, shape, True, True)())]
    others += [attention.ours(kind, shape, True, form)() for form in ("plain", "jax.nn", "auto")]
    for found in others:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5 * np.abs(other).max() + 1e-8)


def test_maps_too_large_are_left_out():
    asked = argparse.Namespace(
        kinds="spatiotemporal,shared", batch=1, frames=32, size=64, features=32, largest=4.0
    )
    found = attention.cases(asked)
    assert found["spatiotemporal, forward"]["plain"] == "maps of 64 GiB"
    assert attention.map_gib("per_frame", (1, 32, 64, 64, 32)) == 2.0
    assert not isinstance(found["shared, and backward"]["plain"], str)


def test_an_iteration_of_the_peer(monkeypatch):
    """Five batches, each other; the generator is updated on the last."""
    calls = []

    class Author:
        @classmethod
        def of(cls, **shape):
            assert shape == dict(size=32, frames=8, features=2)
            return cls()

        @property
        def generator(self):
            return argparse.Namespace(compile=lambda: calls.append("compiled"))

        def step(self, real, *, update_generator):
            calls.append((real, update_generator))

    monkeypatch.setattr("benchmarks.torch_peer.Author", Author)
    step.peer(argparse.Namespace(**vars(SHAPE), compile=False), "iteration")()
    assert [flag for _, flag in calls] == [False] * 4 + [True]
    assert calls[0][0].shape == (2, 3, 8, 32, 32)
    assert len({float(real.sum()) for real, _ in calls}) == 5
    step.peer(argparse.Namespace(**vars(SHAPE), compile=True), "iteration")
    assert calls[5:] == ["compiled"]


def test_an_iteration_of_ours(monkeypatch):
    """The steps that the training loop would take, in the authors' recipe, and their state."""
    calls = []

    def compile_steps(resolved, gan, *_):
        assert resolved["n_critic"] == step.N_CRITIC
        assert resolved["generator"]["attention"] == "shared"
        assert (gan.generator.precision, gan.generator.features) == ("bfloat16", 2)
        return {role: partial(program, role) for role in ("discriminator", "generator")}

    def program(role, state, batch):
        calls.append((role, state, int(batch["clip"].sum())))
        return state + 1, {}

    monkeypatch.setattr("ssagan_jax.train.compiled.compile_steps", compile_steps)
    monkeypatch.setattr("ssagan_jax.train.state.create", lambda gan, seed: jnp.int32(seed))
    asked = argparse.Namespace(**vars(SHAPE), config=["precision=bfloat16"])
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
