"""One training step: the page people will quote."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import linen as nn

from ssagan_jax import losses
from ssagan_jax.distributed.sharding import data_parallel
from ssagan_jax.losses import LossInputs, weighted_sum
from ssagan_jax.models.variables import Tree, given_hints, split_frozen
from ssagan_jax.ops.collectives import pmean_at_once
from ssagan_jax.ops.image import to_float
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.gradient_accumulation import accumulate_gradients
from ssagan_jax.training.state import GanState, NetState
from ssagan_jax.types import Batch, Clip, Mask, Scalar, Wind

SPECTRAL = "spectral"  # the collection of ``models.layers.conv.SpectralNorm``

Metrics = dict[str, Scalar]  # losses by name, before weighting, as ``d/NAME`` and ``g/NAME``
Networks = dict[str, Tree]  # "generator" and "discriminator": parameters, or statistics
LossAndAux = tuple[Scalar, tuple[Metrics, Networks]]  # to differentiate; terms, new statistics


def discriminator_step(gan: Gan, state: GanState, batch: Batch) -> tuple[GanState, Metrics]:
    """One discriminator update, which counts as a step."""
    rng, _ = step_keys(state, state.step)
    state, metrics = discriminator_update(gan, state, with_float_clips(batch), rng)
    return state.replace(step=state.step + 1), metrics


def generator_step(gan: Gan, state: GanState, batch: Batch) -> tuple[GanState, Metrics]:
    """One generator update, of the step that the discriminator's has just counted."""
    step = state.step - 1
    _, rng = step_keys(state, step)
    batch = with_float_clips(batch)
    updated, metrics = generator_update(gan, state.replace(step=step), batch, rng)
    return updated.replace(step=state.step), metrics


# Two compiled programs: the loop runs the second one, on the same batch, every n_critic steps.
STEPS = {"discriminator": discriminator_step, "generator": generator_step}


def with_float_clips(batch: Batch) -> Batch:
    """The batch with its clips as the networks take them."""
    return {**batch, "clip": to_float(batch["clip"])}


def step_keys(state: GanState, step: jax.Array) -> jax.Array:
    """The keys of a step: the discriminator's and the generator's."""
    return jax.random.split(jax.random.fold_in(jax.random.wrap_key_data(state.rng), step))


def discriminator_update(
    gan: Gan, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[GanState, Metrics]:
    """Updates the discriminator's parameters; the generator's stay, its statistics follow."""
    grads, metrics, stats = compute_gradients(gan, "discriminator", state, batch, rng)
    after = replace_statistics(state, stats)
    net = apply_gradients(gan, gan.discriminator, after.discriminator, grads, state.step)
    net = constrain(gan.discriminator, net, updates=state.step + 1)
    after = after.replace(discriminator=net)
    return skip_non_finite(gan, "discriminator", state, after, metrics)


def generator_update(
    gan: Gan, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[GanState, Metrics]:
    """Updates the generator's parameters; the discriminator's stay, its statistics follow."""
    grads, metrics, stats = compute_gradients(gan, "generator", state, batch, rng)
    after = replace_statistics(state, stats)
    net = apply_gradients(gan, gan.generator, after.generator, grads, state.step)
    after = after.replace(generator=net)
    after = update_average(gan, after) if gan.ema_decay else after
    return skip_non_finite(gan, "generator", state, after, metrics)


def discriminator_loss(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> LossAndAux:
    """The weighted sum of the discriminator's losses; its terms, and statistics of both networks.

    The fake clips carry no gradient to the generator: the authors compute that gradient and
    throw it away. The statistics see the real clips, then the fake ones. The gradient penalty
    judges with the statistics as they stand after the fake clips, and leaves no trace in them.
    Further power iterations of spectral norm are made if the ``gan`` says so.
    """
    noise_rng, loss_rng = jax.random.split(rng)
    real, wind = batch["clip"], batch.get("wind")
    fake, g_stats = forward_generator(gan, params, stats, batch, noise_rng)
    fake = jax.lax.stop_gradient(fake)
    judge = partial(forward, gan.discriminator, params["discriminator"], wind=wind)
    judge_exactly = partial(
        forward, in_float32(gan.discriminator), params["discriminator"], wind=wind
    )
    on_real, d_stats = judge(stats["discriminator"], real)
    on_fake, d_stats = judge(d_stats, fake.clip)
    inputs = LossInputs(
        real=real,
        fake=fake,
        on_real=on_real,
        on_fake=on_fake,
        rng=loss_rng,
        wind=wind,
        judge=lambda clip: judge(d_stats, clip)[0],
        judge_exactly=lambda clip: judge_exactly(d_stats, clip)[0],
        axis_names=gan.axis_names,
    )
    loss, terms = weighted_sum(losses.DISCRIMINATOR, gan.discriminator_losses, inputs)
    for _ in range(gan.extra_power_iterations):
        d_stats = iterate_spectral_norm(judge, d_stats, real)
    return loss, (terms, {"generator": g_stats, "discriminator": d_stats})


def iterate_spectral_norm(judge: Callable[..., tuple[Any, Tree]], stats: Tree, clip: Clip) -> Tree:
    """The statistics with the spectral vectors that one more pass leaves.

    Those depend on the parameters alone: of the pass the compiler keeps nothing else.
    """
    _, after = judge(stats, clip)
    return (
        {**stats, SPECTRAL: jax.lax.stop_gradient(after[SPECTRAL])} if SPECTRAL in after else stats
    )


def generator_loss(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> LossAndAux:
    """The weighted sum of the generator's losses; its terms, and statistics of both networks.

    The batch is the one the discriminator has just seen; its statistics see the fake clips.
    """
    noise_rng, loss_rng = jax.random.split(rng)
    real, wind = batch["clip"], batch.get("wind")
    fake, g_stats = forward_generator(gan, params, stats, batch, noise_rng)
    judge = partial(
        forward, gan.discriminator, params["discriminator"], stats["discriminator"], wind=wind
    )
    on_fake, d_stats = judge(fake.clip)
    inputs = LossInputs(
        real=real,
        fake=fake,
        on_real=None,
        on_fake=on_fake,
        rng=loss_rng,
        wind=wind,
        moving=batch.get("moving"),
        judge=lambda clip: judge(clip)[0],
        axis_names=gan.axis_names,
    )
    loss, terms = weighted_sum(losses.GENERATOR, gan.generator_losses, inputs)
    return loss, (terms, {"generator": g_stats, "discriminator": d_stats})


LOSSES = {"discriminator": discriminator_loss, "generator": generator_loss}


def forward_generator(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> tuple[Any, Tree]:
    """What the generator makes of the clips' first frames, as ``forward`` returns it."""
    return forward(
        gan.generator,
        params["generator"],
        stats["generator"],
        batch["clip"][:, 0],
        rng,
        wind=batch.get("wind"),
        mask=batch.get("mask"),
    )


def forward(
    module: nn.Module,
    params: Tree,
    stats: Tree,
    inputs: Any,
    rng: jax.Array | None = None,
    *,
    wind: Wind | None = None,
    mask: Mask | None = None,
) -> tuple[Any, Tree]:
    """A training-mode pass: the output, and the statistics it leaves."""
    output, updated = module.apply(
        {"params": params, **stats},
        inputs,
        train=True,
        **given_hints(module, wind=wind, mask=mask),
        mutable=list(stats),
        rngs=None if rng is None else {"noise": rng},
    )
    return output, updated


def compute_gradients(
    gan: Gan, role: str, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[Tree, Metrics, Networks]:
    """Gradients of one network's loss, averaged over the batch of all devices.

    Returns:
      Gradients of the trained parameters; metrics; the statistics of both networks.
    """

    def on_device(params, stats, batch, rng):
        grad_fn = partial(value_and_grad, gan, role, params)
        (grads, terms), stats = accumulate_gradients(
            grad_fn, stats, batch, rng, micro_batches=gan.micro_batches
        )
        averages = pmean_at_once((grads, terms), gan.axis_names)  # the one all-reduce of gradients
        return averages, stats

    networks = {"generator": state.generator, "discriminator": state.discriminator}
    params = {name: net.params for name, net in networks.items()}
    stats = {name: net.stats for name, net in networks.items()}
    (grads, terms), stats = data_parallel(on_device, gan.mesh)(params, stats, batch, rng)
    metrics = {f"{role[0]}/{name}": term for name, term in terms.items()}
    metrics[f"{role[0]}/gradient_norm"] = optax.tree.norm(grads)
    return grads, metrics, stats


def value_and_grad(
    gan: Gan, role: str, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> tuple[tuple[Tree, Metrics], Networks]:
    """Gradients and terms of a micro-batch, and the statistics that it leaves.

    Frozen parts of the network have no gradients.
    """
    trained, frozen = split_frozen(getattr(gan, role), params[role])

    def loss_fn(trained):
        network = {role: {**trained, **frozen}}
        return LOSSES[role](gan, {**params, **network}, stats, batch, rng)

    (loss, (terms, stats)), grads = jax.value_and_grad(loss_fn, has_aux=True)(trained)
    return (grads, {**terms, "total": loss}), stats


def apply_gradients(
    gan: Gan, module: nn.Module, net: NetState, grads: Tree, step: Tree
) -> NetState:
    """One optimizer step; frozen parts stay, and have no optimizer state either."""
    trained, frozen = split_frozen(module, net.params)
    updates, opt_state = gan.optimizer.update(grads, net.opt_state, trained)
    rate = gan.learning_rate(step)
    trained = jax.tree.map(lambda p, u: p - rate * u, trained, updates)
    return net.replace(params={**trained, **frozen}, opt_state=opt_state)


def skip_non_finite(
    gan: Gan, role: str, before: GanState, after: GanState, metrics: Metrics
) -> tuple[GanState, Metrics]:
    """``before`` in place of ``after`` where this player's loss or gradients are not finite.

    The update is computed as without this, then one of both is kept: a choice within each number
    (``jnp.where``) would be fused with the arithmetic, and round it otherwise. A metric
    ``d/skipped`` or ``g/skipped`` says 1 or 0. All of this only if the ``gan`` says so.
    """
    if not gan.skip_non_finite:
        return after, metrics
    player = role[0]
    total, norm = metrics[f"{player}/total"], metrics[f"{player}/gradient_norm"]
    finite = jnp.isfinite(total) & jnp.isfinite(norm)
    old, (new, tree) = jax.tree.leaves(before), jax.tree.flatten(after)
    changed = [i for i in range(len(new)) if new[i] is not old[i]]
    old, changes = [old[i] for i in changed], [new[i] for i in changed]
    kept = jax.lax.cond(finite, lambda new, old: new, lambda new, old: old, changes, old)
    for i, leaf in zip(changed, kept, strict=True):
        new[i] = leaf
    return jax.tree.unflatten(tree, new), {**metrics, f"{player}/skipped": 1.0 - finite}


def replace_statistics(state: GanState, stats: Networks) -> GanState:
    """The state with these statistics of both networks."""
    return state.replace(
        generator=state.generator.replace(stats=stats["generator"]),
        discriminator=state.discriminator.replace(stats=stats["discriminator"]),
    )


def constrain(module: nn.Module, net: NetState, *, updates: Tree) -> NetState:
    """Every ``constrain_every`` updates: ``constrain(params, stats) -> params``, if the module
    has one. Both branches are in one program; what TGAN's costs is paid only when it is due.
    """
    if not hasattr(module, "constrain"):
        return net
    due = updates % module.constrain_every == 0
    params = jax.lax.cond(due, module.constrain, lambda p, _: p, net.params, net.stats)
    return net.replace(params=params)


def update_average(gan: Gan, state: GanState) -> GanState:
    """Moves the averages of the generator's parameters and running statistics."""
    net = state.generator
    move = partial(_moving_average, gan)
    stats = {name: move(tree, net.stats[name]) for name, tree in state.ema_stats.items()}
    return state.replace(ema_params=move(state.ema_params, net.params), ema_stats=stats)


def _moving_average(gan: Gan, average: Tree, new: Tree) -> Tree:
    """The average after one more update; what is frozen stays the same to the bit."""
    (average, frozen), (new, _) = (split_frozen(gan.generator, tree) for tree in (average, new))
    return {**optax.incremental_update(new, average, 1.0 - gan.ema_decay), **frozen}


def in_float32(module: nn.Module) -> nn.Module:
    """The module with float32 activations: a penalty on gradients needs their precision."""
    changes = getattr(module, "precision", "float32") != "float32"
    return module.clone(precision="float32") if changes else module
