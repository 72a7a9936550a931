"""Imported weights compute what PyTorch computes with them, in evaluation and in training mode."""

from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from benchmarks import torch_networks as peer  # noqa: E402
from ssagan_jax.checkpoints.torch import load_torch  # noqa: E402
from tests.helpers.random_weights import randomise  # noqa: E402
from tests.helpers.stubs import quick_jit  # noqa: E402

ALL_FIVE, ALL_FOUR = (1, 2, 3, 4, 5), (1, 2, 3, 4)
# The constructor of the peer, what load_torch is told, and fields it must find.
GENERATORS = {
    "ssagan 128, gateless": (
        dict(encoder=ALL_FIVE, decoder=ALL_FIVE, c_cal=2, gamma=False),
        dict(model="ssagan"),
        dict(size=128, c_cal=2, gate="none_normal_init", skips="concat", spectral_norm=True),
    ),
    "ssagan 64": (
        dict(
            size=64,
            bottleneck=peer.HALVE,
            encoder=ALL_FOUR,
            decoder=ALL_FOUR,
            share=True,
            dead=("attn_5", *(f"up_attn_{n}" for n in ALL_FIVE)),
            c_cal=2,
        ),
        dict(model="ssagan"),
        dict(size=64, bottleneck="halve", share_attention=True, gate="gamma"),
    ),
    "ssagan stage 2": (
        dict(
            features=8, concat=False, skips=3, encoder=ALL_FIVE, decoder=ALL_FIVE, c_cal=8, sn=False
        ),
        dict(model="ssagan", stage=2),
        dict(features=8, skips="sum", skip_levels=3, c_cal=8, attention="shared"),
    ),
    "mdgan 64, stage 1": (
        dict(size=64, sn=False, concat=False, bottleneck=peer.PAIR),
        dict(model="mdgan"),
        dict(stage=1, bottlenecks=("pair", "halve"), spectral_norm=False),
    ),
    "mdgan 64, stage 2": (
        dict(size=64, concat=False, skips=2, bottleneck=peer.HALVE),
        dict(model="mdgan", stage=2),
        dict(skips="sum", skip_levels=2, bottleneck="halve", attention="none"),
    ),
}


def saved(network, path):
    """Writes the state dict as one network of several GPUs would."""
    torch.save({f"module.{k}": v for k, v in network.state_dict().items()}, path)
    return path


def floats(shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def channels_first(x):
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))


def channels_last(tensor):
    return np.moveaxis(tensor.detach().numpy(), 1, -1)


def run(module, variables, inputs, *, train):
    """The output, and the state after it under PyTorch's rules."""
    stats = [name for name in variables if name != "params"]
    return quick_jit(partial(module.apply, train=train, mutable=stats))(variables, inputs)


@pytest.mark.parametrize("case", GENERATORS)
def test_generators(case, tmp_path):
    options, told, fields = GENERATORS[case]
    network = randomise(peer.Generator(**{"features": 2, **options}))
    path = saved(network, tmp_path / "g.pth")
    module, variables = load_torch(path, **told)
    assert {name: getattr(module, name) for name in fields} == fields
    photo = floats((1, module.size, module.size, 3))
    for train, tolerance in ((False, 1e-4), (True, 1e-3)):
        network.train(train)
        expected = channels_last(network(channels_first(photo)))
        generated, after = run(module, variables, photo, train=train)
        assert expected.std() > 1e-3, case
        np.testing.assert_allclose(generated.clip, expected, atol=tolerance * expected.std())
    _, moved = load_torch(saved(network, path), **told)
    compare(after, {name: moved[name] for name in after})


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (dict(last_slope=0.01), dict(size=128, spectral_norm=True, last_slope=0.01, head="whole")),
        (
            dict(size=64, sn=False, last=peer.PAIR),
            dict(size=64, spectral_norm=False, last_slope=0.2, head="pair"),
        ),
    ],
)
def test_discriminators(options, fields, tmp_path):
    network = randomise(peer.Discriminator(2, **options))
    path = saved(network, tmp_path / "d.pth")
    module, variables = load_torch(path, role="discriminator")
    assert {name: getattr(module, name) for name in fields} == fields
    assert module.sigmoid
    clip = floats((2, 32, module.size, module.size, 3))
    for train in (False, True):
        network.train(train)
        score, features = network(channels_first(clip))
        judged, after = run(module, variables, clip, train=train)
        assert judged.logits.shape == (2, 1 if module.size == 128 else 3)
        np.testing.assert_allclose(judged.logits, score.detach().numpy(), atol=1e-5)
        for ours, theirs in zip((0, 2, -1), features, strict=True):
            theirs = channels_last(theirs)
            assert (theirs < 0).any()
            np.testing.assert_allclose(judged.features[ours], theirs, atol=1e-4)
    _, moved = load_torch(saved(network, path), role="discriminator")
    compare(after, {name: moved[name] for name in after})


def compare(found, expected, *, tolerance=1e-4):
    """Two trees of collections, relative to the largest value of each array."""
    assert found.keys() == expected.keys()
    for name, theirs in expected.items():
        if isinstance(theirs, dict):
            compare(found[name], theirs, tolerance=tolerance)
        else:
            scale = np.abs(theirs).max()
            np.testing.assert_allclose(found[name], theirs, atol=tolerance * scale, err_msg=name)


def test_a_second_stage_takes_a_clip_as_it_is(tmp_path):
    network = randomise(peer.Generator(2, size=64, concat=False, skips=2, bottleneck=peer.HALVE))
    path = saved(network, tmp_path / "g.pth")
    module, variables = load_torch(path, model="mdgan", stage=2)
    clip = floats((1, 32, 64, 64, 3))
    expected = channels_last(network.eval()(channels_first(clip)))
    generated, _ = run(module, variables, clip, train=False)
    np.testing.assert_allclose(generated.clip, expected, atol=1e-5)
