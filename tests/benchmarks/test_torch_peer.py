"""The peer of the benchmarks computes what we do: its step and ours, term by term.

The networks are the smallest legal ones; PyTorch's own layers, automatic differentiation and Adam
do the arithmetic, on the same weights and the same mixing weights of the gradient penalty.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from benchmarks.torch_peer import Author  # noqa: E402
from ssagan_jax.checkpoints.torch import fields, loading, names  # noqa: E402
from ssagan_jax.config import loading as config  # noqa: E402
from ssagan_jax.config.resolution import resolve  # noqa: E402
from ssagan_jax.training.from_config import build_gan  # noqa: E402
from ssagan_jax.training.state import GanState, NetState  # noqa: E402
from tests.helpers.random_weights import randomise  # noqa: E402
from tests.helpers.stubs import (  # noqa: E402
    clips,
    leaves,
    quick_jit,
    train_step,
)

BATCH = clips(2, size=32, frames=8)
REAL = torch.from_numpy(np.moveaxis(BATCH.astype(np.float32) / 127.5 - 1, -1, 1).copy())


def settings(**changes):
    """Ours, as ``Author.of(size=32, frames=8, features=2)`` is theirs."""
    found = config.load("configs/ssagan.py:recipe=author,tiny")
    found.dataset.update(changes)
    found.generator.features = found.discriminator.features = 2
    return resolve(found)


def author(size=32, frames=8, kind=Author):
    found = kind.of(size=size, frames=frames, features=2)
    randomise(found.generator)
    randomise(found.discriminator, 1)
    return found


def table(levels):
    return {
        role: getattr(names, f"{role}_table")(levels, spectral_norm=True)
        for role in ("generator", "discriminator")
    }


TABLES = table(3)


def ours(gan, network, role):
    """A PyTorch network's weights and statistics, as our variables."""
    state = {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}
    module = getattr(gan, role)
    found = fields.Network(role, {}, TABLES[role])
    return loading.convert_arrays(state, found, loading.expected_shapes(module, role))


def net_state(gan, network, role):
    stats = ours(gan, network, role)
    params = stats.pop("params")
    return NetState(params, stats, gan.optimizer.init(params))


class Traced(Author):
    """Keeps the gradients, draws no mixing weights, and leaves out what we do.

    The authors' pass for the gradient penalty moves the running statistics, which nothing reads
    in training; ours leaves no trace in them.
    """

    alpha = None
    before_penalty = None

    def mixing_weights(self, real):
        return self.alpha

    def gradient_penalty(self, real, fake):
        parts = [*self.discriminator.named_parameters()]
        self.before_penalty = {k: v.clone() for k, v in self.discriminator.named_buffers()}
        penalty = super().gradient_penalty(real, fake)
        found = torch.autograd.grad(10 * penalty, [p for _, p in parts], retain_graph=True)
        self.penaltys = dict(zip((name for name, _ in parts), found, strict=True))
        return penalty

    def both(self, real, alpha):
        """Losses and the gradients of both players, by their names."""
        self.alpha = alpha
        losses = self.update_discriminator(real)
        slopes = {"penalty": self.penaltys, "discriminator": slope(self.discriminator)}
        for name, buffer in self.discriminator.named_buffers():
            if not name.endswith(("weight_u", "weight_v")):
                buffer.copy_(self.before_penalty[name])
        losses |= self.update_generator(real)
        return losses, {**slopes, "generator": slope(self.generator)}


def slope(network):
    return {name: parameter.grad.clone() for name, parameter in network.named_parameters()}


def mixing_weights(rng, step):
    """What our step draws for the gradient penalty."""
    key = jax.random.fold_in(jax.random.wrap_key_data(rng), step)
    loss_rng = jax.random.split(jax.random.split(key)[0])[1]
    return np.asarray(jax.random.uniform(loss_rng, (2, 1, 1, 1, 1)))


@pytest.fixture(scope="module")
def peer():
    return author(kind=Traced)


@pytest.fixture(scope="module")
def runs(peer):
    """Two steps by both: our states and metrics, their terms, slopes and networks."""
    gan = build_gan(settings())
    rng = jax.random.key_data(jax.random.key(3))
    generator, discriminator = (net_state(gan, getattr(peer, role), role) for role in TABLES)
    state = GanState(jnp.int32(0), generator, discriminator, None, rng)

    def both(state, batch):
        return train_step(gan, state, batch, update_generator=True)

    step, found = quick_jit(both), []
    for number in range(2):
        alpha = torch.from_numpy(mixing_weights(rng, number).copy())
        state, metrics = step(state, {"clip": jnp.asarray(BATCH)})
        terms, slopes = peer.both(REAL, alpha)
        theirs = {role: leaves(ours(gan, getattr(peer, role), role)) for role in TABLES}
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
        slope = loading.layout.to_ours(slope.numpy(), kind)
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
def test_adams_updates(runs, role):
    """Where the gradient is above rounding, which Adam's first steps would magnify."""
    last, _, _, slopes, theirs = runs[1]
    one = leaves({"params": getattr(runs[0][0], role).params})
    two = leaves({"params": getattr(last, role).params})
    for path, (slope, kind) in named(slopes[role], role).items():
        slope = loading.layout.to_ours(slope.numpy(), kind)
        clear = np.abs(slope) > 1e-2 * np.abs(slope).max()
        change = (np.asarray(two[path]) - np.asarray(one[path]))[clear]
        expected = (theirs[role][path] - runs[0][4][role][path])[clear]
        if not path.endswith("key/bias"):
            np.testing.assert_allclose(change, expected, atol=2e-5, err_msg=path)


def test_its_discriminators_step_also_computes_the_generators_gradient_in_vain():
    found = author()
    before = [p.clone() for p in found.generator.parameters()]
    found.update_discriminator(REAL)
    assert all(
        p.grad.abs().max() > 0 for n, p in found.generator.named_parameters() if "key" not in n
    )
    assert all(map(torch.equal, before, found.generator.parameters()))


def test_its_penaltys_pass_leaves_a_trace():
    """As in the authors' loop: real, fake, penalty, and the generator's update."""
    found = author()
    found.step(REAL, update_generator=True)
    counts = dict(found.discriminator.named_buffers())
    assert counts["slice2.1.num_batches_tracked"] == 4
    assert dict(found.generator.named_buffers())["downBN2.num_batches_tracked"] == 2


def test_a_step_without_the_generators_update():
    found = author()
    before = [p.clone() for p in found.generator.parameters()]
    losses = found.step(REAL, update_generator=False)
    assert losses.keys() == {"d/wasserstein", "d/gradient_penalty"}
    assert all(map(torch.equal, before, found.generator.parameters()))


@pytest.mark.parametrize("role", TABLES)
def test_forward_of_another_ladder(role):
    """64 pixels of 8 frames: the deepest level halves space alone."""
    gan = build_gan(settings(size=64))
    network = getattr(author(size=64), role).eval()
    state = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    module, found = getattr(gan, role), fields.Network(role, {}, table(4)[role])
    variables = loading.convert_arrays(state, found, loading.expected_shapes(module, role))
    clip = clips(2, size=64, frames=8).astype(np.float32) / 127.5 - 1
    given = clip[:, 0] if role == "generator" else clip
    result = quick_jit(partial(module.apply, train=False))(variables, given)
    with torch.no_grad():
        expected = network(torch.from_numpy(np.moveaxis(given, -1, 1).copy()))
    if role == "generator":
        result, expected = result.clip, np.moveaxis(expected.numpy(), 1, -1)
    else:
        result, expected = result.logits, expected[0].numpy()
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, atol=1e-4 * np.std(expected) + 1e-6)
