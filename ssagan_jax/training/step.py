"""One training step: the page people will quote."""

from functools import partial

import jax
import optax

from ssagan_jax import losses
from ssagan_jax.losses import LossInputs, weighted_sum
from ssagan_jax.models.variables import split_frozen
from ssagan_jax.ops import across
from ssagan_jax.ops.image import to_float
from ssagan_jax.training import gradient_accumulation
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.state import GanState, NetState
from ssagan_jax.types import Batch, Scalar

Metrics = dict[str, Scalar]


def train_step(
    gan: Gan, state: GanState, batch: Batch, *, update_generator: bool
) -> tuple[GanState, Metrics]:
    """One discriminator update, then, if so asked, one generator update on the same batch.

    The loop runs the two as compiled programs of their own (``STEPS``), the second one every
    n_critic steps. Losses are named ``d/NAME`` and ``g/NAME``, before weighting. Either update
    may take the batch in parts: see ``train.micro_batches``.
    """
    state, metrics = discriminator_step(gan, state, batch)
    if update_generator:
        state, g_metrics = generator_step(gan, state, batch)
        metrics |= g_metrics
    return state, metrics


def discriminator_step(gan: Gan, state: GanState, batch: Batch) -> tuple[GanState, Metrics]:
    """One discriminator update, which counts as a step."""
    rng, _ = _keys(state, state.step)
    state, metrics = discriminator_update(gan, state, to_float(batch["clip"]), rng)
    return state.replace(step=state.step + 1), metrics


def generator_step(gan: Gan, state: GanState, batch: Batch) -> tuple[GanState, Metrics]:
    """One generator update, of the step that the discriminator's has just counted."""
    step, before = state.step, state.replace(step=state.step - 1)
    _, rng = _keys(state, before.step)
    state, metrics = generator_update(gan, before, to_float(batch["clip"]), rng)
    return state.replace(step=step), metrics


STEPS = {"discriminator": discriminator_step, "generator": generator_step}


def _keys(state: GanState, step):
    """The keys of a step: the discriminator's and the generator's."""
    return jax.random.split(jax.random.fold_in(jax.random.wrap_key_data(state.rng), step))


def discriminator_update(gan, state: GanState, real, rng) -> tuple[GanState, Metrics]:
    """Moves the discriminator. Its statistics see the real clips, then the fake ones.

    The fake clips carry no gradient to the generator: the authors compute that gradient and
    throw it away. The generator's statistics follow its forward pass; its parameters stay.
    The gradient penalty judges with the statistics as they stand after the fake clips, and
    leaves no trace in them.
    """

    def slope(params, stats, real, rng):
        (g_params, d_params), (g_stats, d_stats) = params, stats
        noise_rng, loss_rng = jax.random.split(rng)
        fake, g_stats = _forward(gan.generator, g_params, g_stats, real[:, 0], noise_rng)
        fake = jax.lax.stop_gradient(fake)

        def loss(params):
            on_real, stats = _forward(gan.discriminator, params, d_stats, real)
            on_fake, stats = _forward(gan.discriminator, params, stats, fake.clip)

            def judge(clip, module=gan.discriminator):
                return _forward(module, params, stats, clip)[0]

            exactly = partial(judge, module=_in_float32(gan.discriminator))
            inputs = LossInputs(real, fake, on_real, on_fake, loss_rng, judge, exactly)
            total, terms = weighted_sum(losses.DISCRIMINATOR, gan.discriminator_losses, inputs)
            return total, (terms, (g_stats, stats))

        return _slope(gan.discriminator, d_params, loss)

    generator, discriminator = state.generator, state.discriminator
    stats, found = _of_batch(gan, slope, state, real, rng)
    net, metrics = _descend(gan, gan.discriminator, discriminator, found, state.step, "d")
    net = _constrain(gan.discriminator, net.replace(stats=stats[1]), state.step + 1)
    generator = generator.replace(stats=stats[0])
    return state.replace(generator=generator, discriminator=net), metrics


def generator_update(gan, state: GanState, real, rng) -> tuple[GanState, Metrics]:
    """Moves the generator, on the batch the discriminator just saw.

    The discriminator's statistics follow its forward pass over the fake clips; its
    parameters stay.
    """

    def slope(params, stats, real, rng):
        (g_params, d_params), (g_stats, d_stats) = params, stats
        noise_rng, loss_rng = jax.random.split(rng)

        def loss(params):
            fake, stats = _forward(gan.generator, params, g_stats, real[:, 0], noise_rng)
            judge = partial(_forward, gan.discriminator, d_params, d_stats)
            on_fake, new = judge(fake.clip)
            inputs = LossInputs(real, fake, None, on_fake, loss_rng, lambda clip: judge(clip)[0])
            total, terms = weighted_sum(losses.GENERATOR, gan.generator_losses, inputs)
            return total, (terms, (stats, new))

        return _slope(gan.generator, g_params, loss)

    generator, discriminator = state.generator, state.discriminator
    stats, found = _of_batch(gan, slope, state, real, rng)
    net, metrics = _descend(gan, gan.generator, generator, found, state.step, "g")
    net, discriminator = net.replace(stats=stats[0]), discriminator.replace(stats=stats[1])
    state = state.replace(generator=net, discriminator=discriminator)
    return _average(gan, state) if gan.ema_decay else state, metrics


def _forward(module, params, stats, inputs, rng=None):
    """A training-mode pass: the output, and the statistics it leaves."""
    return module.apply(
        {"params": params, **stats},
        inputs,
        train=True,
        mutable=list(stats),
        rngs=None if rng is None else {"noise": rng},
    )


def _in_float32(module):
    """The module with float32 activations: a penalty on gradients needs their precision."""
    changes = getattr(module, "precision", "float32") != "float32"
    return module.clone(precision="float32") if changes else module


def _constrain(module, net: NetState, updates) -> NetState:
    """Every ``constrain_every`` updates: ``constrain(params, stats) -> params``, if the module
    has one. Both branches are in one program; what TGAN's costs is paid only when it is due.
    """
    if not hasattr(module, "constrain"):
        return net
    due = updates % module.constrain_every == 0
    params = jax.lax.cond(due, module.constrain, lambda p, _: p, net.params, net.stats)
    return net.replace(params=params)


def _average(gan: Gan, state: GanState) -> GanState:
    """Moves the averages of the generator's parameters and running statistics."""
    net = state.generator
    stats = {name: _averaged(gan, tree, net.stats[name]) for name, tree in state.ema_stats.items()}
    params = _averaged(gan, state.ema_params, net.params)
    return state.replace(ema_params=params, ema_stats=stats)


def _averaged(gan: Gan, ema, new):
    """The average after one more update; what is frozen stays the same to the bit."""
    (average, fixed), (new, _) = (split_frozen(gan.generator, tree) for tree in (ema, new))
    return {**optax.incremental_update(new, average, 1.0 - gan.ema_decay), **fixed}


def _of_batch(gan: Gan, slope, state: GanState, real, rng):
    """What ``slope`` of both networks' parameters and statistics leaves and finds: of each
    device's clips, part by part, then the mean over devices, by one sum of all gradients.
    """

    def share(params, stats, real, rng):
        of_part = partial(slope, params)
        stats, found = gradient_accumulation.averaged(gan.micro_batches, of_part, stats, real, rng)
        return stats, across.mean_together(found)

    networks = state.generator, state.discriminator
    params, stats = tuple(net.params for net in networks), tuple(net.stats for net in networks)
    return gan.spread(share)(params, stats, real, rng)


def _slope(module, params, loss):
    """The statistics that ``loss(params) -> (total, (terms, stats))`` leaves, and what it finds:
    gradients of the trained parts, total and terms. Frozen parts have no gradients.
    """
    trained, fixed = split_frozen(module, params)
    slope = jax.value_and_grad(lambda params: loss({**params, **fixed}), has_aux=True)
    (total, (terms, stats)), grads = slope(trained)
    return stats, (grads, {**terms, "total": total})


def _descend(gan: Gan, module, net: NetState, found, step, prefix: str):
    """One optimizer step along ``(grads, terms)``; frozen parts have no optimizer state either."""
    grads, terms = found
    trained, fixed = split_frozen(module, net.params)
    updates, opt_state = gan.optimizer.update(grads, net.opt_state, trained)
    rate = gan.learning_rate(step)
    params = {**jax.tree.map(lambda p, u: p - rate * u, trained, updates), **fixed}
    metrics = {f"{prefix}/{name}": term for name, term in terms.items()}
    metrics[f"{prefix}/gradient_norm"] = optax.tree.norm(grads)
    return net.replace(params=params, opt_state=opt_state), metrics
