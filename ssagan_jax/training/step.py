"""One training step: the page people will quote."""

from functools import partial

import jax
import jax.numpy as jnp
import optax
from flax import linen as nn

from ssagan_jax.distributed.sharding import data_parallel
from ssagan_jax.models.variables import Tree, split_frozen
from ssagan_jax.ops.collectives import pmean_at_once
from ssagan_jax.ops.image import to_float
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.gradient_accumulation import accumulate_gradients
from ssagan_jax.training.objectives import BOTH, LOSSES, Metrics, Networks
from ssagan_jax.training.state import GanState, NetState
from ssagan_jax.types import Batch

Players = tuple[str, ...]  # whose parameters are updated
FINITE = ("total", "gradient_norm")  # metrics of a player whose update can be made


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


def together_step(gan: Gan, state: GanState, batch: Batch) -> tuple[GanState, Metrics]:
    """One update of each network, out of one pass, which counts as a step."""
    rng, _ = step_keys(state, state.step)
    state, metrics = together_update(gan, state, with_float_clips(batch), rng)
    return state.replace(step=state.step + 1), metrics


# A compiled program each: the first two, of which the loop runs the second one, on the same batch,
# every n_critic steps; or the last one alone (``Gan.programs``).
STEPS = {
    "discriminator": discriminator_step,
    "generator": generator_step,
    "together": together_step,
}


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
    return update(gan, ("discriminator",), state, batch, rng)


def generator_update(
    gan: Gan, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[GanState, Metrics]:
    """Updates the generator's parameters; the discriminator's stay, its statistics follow."""
    return update(gan, ("generator",), state, batch, rng)


def together_update(
    gan: Gan, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[GanState, Metrics]:
    """Updates both networks: each by the other as it was before, as in TGAN's code."""
    return update(gan, BOTH, state, batch, rng)


def update(
    gan: Gan, players: Players, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[GanState, Metrics]:
    """Updates the parameters of these players by gradients out of one pass."""
    grads, metrics, stats = compute_gradients(gan, players, state, batch, rng)
    after = replace_statistics(state, stats)
    for player in players:
        after = MOVES[player](gan, after, grads[player])
    return skip_non_finite(gan, players, state, after, metrics)


def move_discriminator(gan: Gan, state: GanState, grads: Tree) -> GanState:
    """The discriminator's parameters along their gradients, within its constraint."""
    net = apply_gradients(gan, gan.discriminator, state.discriminator, grads, state.step)
    net = constrain(gan.discriminator, net, updates=state.step + 1)
    return state.replace(discriminator=net)


def move_generator(gan: Gan, state: GanState, grads: Tree) -> GanState:
    """The generator's parameters along their gradients, and their average after them."""
    net = apply_gradients(gan, gan.generator, state.generator, grads, state.step)
    after = state.replace(generator=net)
    return update_average(gan, after) if gan.ema_decay else after


MOVES = {"discriminator": move_discriminator, "generator": move_generator}


def compute_gradients(
    gan: Gan, players: Players, state: GanState, batch: Batch, rng: jax.Array
) -> tuple[Networks, Metrics, Networks]:
    """Gradients of these players' losses, averaged over the batch of all devices.

    Returns:
      By player, gradients of the trained parameters; metrics; the statistics of both networks.
    """

    def on_device(params, stats, batch, rng):
        grad_fn = partial(gradients_and_terms, gan, players, params)
        (grads, terms), stats = accumulate_gradients(
            grad_fn, stats, batch, rng, micro_batches=gan.micro_batches
        )
        averages = pmean_at_once((grads, terms), gan.axis_names)  # the one all-reduce of gradients
        return averages, stats

    networks = {"generator": state.generator, "discriminator": state.discriminator}
    params = {name: net.params for name, net in networks.items()}
    stats = {name: net.stats for name, net in networks.items()}
    (grads, terms), stats = data_parallel(on_device, gan.mesh)(params, stats, batch, rng)
    metrics: Metrics = {}
    for player in players:
        named = {**terms[player], "gradient_norm": optax.tree.norm(grads[player])}
        metrics |= {f"{player[0]}/{name}": value for name, value in named.items()}
    return grads, metrics, stats


def gradients_and_terms(
    gan: Gan, players: Players, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> tuple[tuple[Networks, dict[str, Metrics]], Networks]:
    """By player, gradients and terms of a micro-batch; and the statistics that it leaves.

    Each loss is differentiated with respect to that player's parameters alone, of which frozen
    ones have no gradients. What the other derivatives would need is left to the compiler to drop.
    """
    parts = {player: split_frozen(getattr(gan, player), params[player]) for player in players}

    def loss_fn(trained):
        networks = {player: {**trained[player], **parts[player][1]} for player in players}
        return LOSSES[players](gan, {**params, **networks}, stats, batch, rng)

    trained = {player: parts[player][0] for player in players}
    values, pull_back, (terms, stats) = jax.vjp(loss_fn, trained, has_aux=True)
    grads, totals = {}, {}
    for player in players:
        chosen = {name: jnp.full_like(value, name == player) for name, value in values.items()}
        grads[player] = pull_back(chosen)[0][player]
        totals[player] = {**terms[player], "total": values[player]}
    return (grads, totals), stats


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
    gan: Gan, players: Players, before: GanState, after: GanState, metrics: Metrics
) -> tuple[GanState, Metrics]:
    """``before`` in place of ``after`` where a loss or gradients of these players are not finite.

    The update is computed as without this, then one of both is kept: a choice within each number
    (``jnp.where``) would be fused with the arithmetic, and round it otherwise. Metrics
    ``d/skipped`` and ``g/skipped`` say 1 or 0. All of this only if the ``gan`` says so.
    """
    if not gan.skip_non_finite:
        return after, metrics
    seen = [metrics[f"{player[0]}/{name}"] for player in players for name in FINITE]
    finite = jnp.all(jnp.isfinite(jnp.stack(seen)))
    old, (new, tree) = jax.tree.leaves(before), jax.tree.flatten(after)
    changed = [i for i in range(len(new)) if new[i] is not old[i]]
    old, changes = [old[i] for i in changed], [new[i] for i in changed]
    kept = jax.lax.cond(finite, lambda new, old: new, lambda new, old: old, changes, old)
    for i, leaf in zip(changed, kept, strict=True):
        new[i] = leaf
    skipped = {f"{player[0]}/skipped": 1.0 - finite for player in players}
    return jax.tree.unflatten(tree, new), {**metrics, **skipped}


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
