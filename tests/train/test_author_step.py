"""A training step of ``recipe=author``, term by term against PyTorch.

The networks are the smallest legal ones; PyTorch's own layers, automatic differentiation and Adam
do the arithmetic, on the same weights and the same mixing weights of the gradient penalty.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from torch.nn import functional as F  # noqa: E402

from ssagan_jax import build, config  # noqa: E402
from ssagan_jax.train.state import GanState, NetState  # noqa: E402
from ssagan_jax.train.step import train_step  # noqa: E402
from ssagan_jax.weights import fields, names, torch_import  # noqa: E402
from tests.stubs import clips, leaves, quick_jit  # noqa: E402
from tests.weights import peer  # noqa: E402

BATCH = clips(2, size=32, frames=8)


def settings():
    found = config.load("configs/ssagan.py:recipe=author,tiny")
    found.generator.features = found.discriminator.features = 2
    found.generator.attention_at = ("encoder3", "decoder3")  # fewer: it compiles in half the time
    return found.to_dict()


@pytest.fixture(scope="module")
def peers():
    generator = peer.Generator(size=32, encoder=(3,), decoder=(1,), c_cal=1)
    # Ours is "whole" at its smallest size, and so joins the skip first at the deepest level.
    generator.skip_first = 3
    discriminator = peer.Discriminator(size=32, last_slope=0.01)
    return peer.randomise(generator).train(), peer.randomise(discriminator, 1).train()


TABLES = {
    "generator": names.generator(3, spectral_norm=True),
    "discriminator": names.discriminator(3, spectral_norm=True),
}


def ours(gan, network, role):
    """A PyTorch network's weights and statistics, as our variables."""
    state = {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}
    module = getattr(gan, role)
    found = fields.Network(role, {}, TABLES[role])
    return torch_import.convert(state, found, torch_import.expected(module, role))


def net_state(gan, network, role):
    stats = ours(gan, network, role)
    params = stats.pop("params")
    return NetState(params, stats, gan.optimizer.init(params))


@dataclasses.dataclass
class Author:
    """The same step in PyTorch."""

    generator: torch.nn.Module
    discriminator: torch.nn.Module

    def __post_init__(self):
        self.optimizers = {
            role: torch.optim.Adam(getattr(self, role).parameters(), lr=2e-4, betas=(0.5, 0.9))
            for role in TABLES
        }

    def step(self, real, alpha):
        """Losses and the gradients of both players, by our names."""
        terms, slopes = {}, {}
        fake = self.generator(real[:, :, 0]).detach()
        on_real, on_fake = self.discriminator(real)[0], self.discriminator(fake)[0]
        terms["d/wasserstein"] = on_fake.mean() - on_real.mean()
        kept = {k: v.clone() for k, v in self.discriminator.named_buffers()}
        terms["d/gradient_penalty"] = self.penalty(real, fake, alpha)
        slopes["penalty"] = self.slope("discriminator", 10 * terms["d/gradient_penalty"])
        slopes["discriminator"] = self.move(
            "discriminator", terms["d/wasserstein"] + 10 * terms["d/gradient_penalty"]
        )
        for name, buffer in self.discriminator.named_buffers():
            buffer.copy_(kept[name])  # the penalty's pass leaves no trace
        fake = self.generator(real[:, :, 0])
        terms["g/wasserstein"] = -self.discriminator(fake)[0].mean()
        terms["g/l1"] = (fake - real).abs().mean()
        terms["g/ssim"] = 1 - ssim(real, fake)
        total = terms["g/wasserstein"] + terms["g/l1"] + terms["g/ssim"]
        slopes["generator"] = self.move("generator", total)
        return {name: term.item() for name, term in terms.items()}, slopes

    def penalty(self, real, fake, alpha):
        between = (real + alpha * (fake - real)).requires_grad_()
        score = self.discriminator(between)[0].sum()
        [slope] = torch.autograd.grad(score, between, create_graph=True)
        return (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def slope(self, role, loss):
        network = getattr(self, role)
        parameters = dict(network.named_parameters())
        found = torch.autograd.grad(loss, list(parameters.values()), retain_graph=True)
        return dict(zip(parameters, found, strict=True))

    def move(self, role, loss):
        slope = self.slope(role, loss)
        for name, parameter in getattr(self, role).named_parameters():
            parameter.grad = slope[name]
        self.optimizers[role].step()
        return slope


def ssim(real, fake):
    """Wang et al. 2004: 11 x 11 Gaussian of sigma 1.5, no padding, L = 2 here."""
    assert real.min() < -0.5
    line = torch.exp(-((torch.arange(11.0) - 5) ** 2) / (2 * 1.5**2))
    window = torch.outer(line, line)[None, None] / line.sum() ** 2

    def mean(x):
        return F.conv2d(x.reshape(-1, 1, 32, 32), window)

    c1, c2, a, b = 0.02**2, 0.06**2, mean(real), mean(fake)
    aa, bb, ab = mean(real * real) - a * a, mean(fake * fake) - b * b, mean(real * fake) - a * b
    return ((2 * a * b + c1) * (2 * ab + c2) / ((a * a + b * b + c1) * (aa + bb + c2))).mean()


def mixing_weights(rng, step):
    """What our step draws for the gradient penalty."""
    key = jax.random.fold_in(jax.random.wrap_key_data(rng), step)
    loss_rng = jax.random.split(jax.random.split(key)[0])[1]
    return np.asarray(jax.random.uniform(loss_rng, (2, 1, 1, 1, 1)))


@pytest.fixture(scope="module")
def runs(peers):
    """Two steps by both: our states and metrics, their terms, slopes and networks."""
    gan = build.gan(settings())
    rng = jax.random.key_data(jax.random.key(3))
    generator, discriminator = (net_state(gan, n, r) for n, r in zip(peers, TABLES, strict=True))
    state = GanState(jnp.int32(0), generator, discriminator, None, rng)
    author = Author(*peers)
    real = torch.from_numpy(np.moveaxis(BATCH.astype(np.float32) / 127.5 - 1, -1, 1).copy())

    def both(state, batch):
        return train_step(gan, state, batch, update_generator=True)

    step, found = quick_jit(both), []
    for number in range(2):
        alpha = torch.from_numpy(mixing_weights(rng, number).copy())
        state, metrics = step(state, {"clip": jnp.asarray(BATCH)})
        terms, slopes = author.step(real, alpha)
        theirs = {r: leaves(ours(gan, n, r)) for r, n in zip(TABLES, peers, strict=True)}
        found.append((state, metrics, terms, slopes, theirs))
    return found


def close(found, expected, tolerance):
    """Equal within a share of the array's largest value."""
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * largest)


@pytest.mark.parametrize("number", [0, 1])
def test_every_loss(runs, number):
    _, metrics, terms, _, _ = runs[number]
    for name, term in terms.items():
        assert metrics[name] == pytest.approx(term, rel=1e-3, abs=1e-5), name
    d_total = terms["d/wasserstein"] + 10 * terms["d/gradient_penalty"]
    assert metrics["d/total"] == pytest.approx(d_total, rel=1e-4)
    g_total = terms["g/wasserstein"] + terms["g/l1"] + terms["g/ssim"]
    assert metrics["g/total"] == pytest.approx(g_total, rel=1e-4)


def named(slope, role):
    return {TABLES[role][name].path: (g, TABLES[role][name].kind) for name, g in slope.items()}


@pytest.mark.parametrize("role", TABLES)
def test_every_gradient(runs, role):
    """Adam's first moment after one step is half the gradient."""
    state, _, _, slopes, _ = runs[0]
    first = leaves({"params": getattr(state, role).opt_state.mu})
    expected = named(slopes[role], role)
    assert first.keys() == expected.keys()
    for path, (slope, kind) in expected.items():
        if path.endswith("key/bias"):
            continue  # a softmax does not see it: rounding
        slope = torch_import.layout.to_ours(slope.numpy(), kind)
        assert np.abs(slope).max() > 1e-8, path
        close(2 * first[path], slope, 2e-3)


def test_the_penaltys_gradient_is_a_large_part_of_the_discriminators(runs):
    slopes = runs[0][3]
    whole, part = (
        np.sqrt(sum(s.square().sum().item() for s in slopes[name].values()))
        for name in ("discriminator", "penalty")
    )
    assert part > 0.3 * whole


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("role", TABLES)
def test_statistics_and_spectral_vectors(runs, role, number):
    """The generator's after two passes a step, the discriminator's after real, fake, fake."""
    state, _, _, _, theirs = runs[number]
    found = leaves(getattr(state, role).stats)
    expected = {k: v for k, v in theirs[role].items() if not k.startswith("params/")}
    assert found.keys() == expected.keys()
    assert {path.split("/")[0] for path in found} == {"batch_stats", "spectral"}
    for path, value in expected.items():
        close(found[path], value, 1e-3)


@pytest.mark.parametrize("role", TABLES)
def test_adams_updates(runs, peers, role):
    """Where the gradient is above rounding, which Adam's first steps would magnify."""
    last, _, _, slopes, theirs = runs[1]
    one = leaves({"params": getattr(runs[0][0], role).params})
    two = leaves({"params": getattr(last, role).params})
    for path, (slope, kind) in named(slopes[role], role).items():
        slope = torch_import.layout.to_ours(slope.numpy(), kind)
        clear = np.abs(slope) > 1e-2 * np.abs(slope).max()
        change = (np.asarray(two[path]) - np.asarray(one[path]))[clear]
        expected = (theirs[role][path] - runs[0][4][role][path])[clear]
        if not path.endswith("key/bias"):
            np.testing.assert_allclose(change, expected, atol=2e-5, err_msg=path)
