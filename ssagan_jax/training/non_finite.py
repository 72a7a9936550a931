"""Numbers that are not finite: where a run finds them, and what it does then.

``config.non_finite`` says it: "stop" ends the run; "skip" leaves the update out (within the
compiled step, ``step.skip_non_finite``); "rollback" goes on from the last checkpoint with other
batches and other draws. Each at most ``config.non_finite_limit`` times in a row.
"""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.config.schema import NonFiniteConfig
from ssagan_jax.training.progress import Pending, find_non_finite
from ssagan_jax.training.state import GanState

SHOWN = 3  # names of arrays in a message


class NonFiniteError(FloatingPointError):
    """A metric or an array of the state is not finite.

    Attributes:
      step: at which it was found.
      pending: metrics of that step and of those before it.
    """

    def __init__(self, step: int, what: str, pending: Pending = ()):
        super().__init__(f"Step {step}: {what} not finite.")
        self.step, self.pending = step, pending


PLAYERS = {"d": "the discriminator", "g": "the generator"}  # by the first part of a metric's name


class Policy:
    """What a run does about numbers that are not finite, and what it has done already.

    Attributes:
      tried: a line for each update left out and each way back since all went well.
      skipped: updates left out since the last ``checked``.
      rollbacks: ways back since the start of the process.
    """

    def __init__(self, config: NonFiniteConfig):
        self.config = config
        self.tried: list[str] = []
        self.skipped, self.rollbacks = 0, 0
        self._failed_at = 0  # the step that led to the last way back
        self._in_a_row: Counter[str] = Counter()  # updates left out, by player

    def checked(self, pending: Pending) -> Pending:
        """The metrics of steps, without those of updates that were left out.

        Raises:
          NonFiniteError: at the first step with another metric that is not finite, or at which
            more updates in a row were left out than the limit.
        """
        self.skipped, kept = 0, []
        for number, (step, metrics) in enumerate(pending):
            left, players = _without_skipped(metrics)
            updated = [PLAYERS[key] for key in PLAYERS if metrics.get(f"{key}/skipped") == 0]
            kept.append((step, left))
            seen = pending[: number + 1]
            if found := find_non_finite([(step, left)]):
                raise NonFiniteError(step, _names(found[1]), seen)
            self._count(step, players, updated, seen)
        return kept

    def check_state(self, step: int, state: GanState) -> None:
        """Refuses a state that must not be saved.

        Raises:
          NonFiniteError: naming arrays.
        """
        if names := non_finite_arrays(state):
            raise NonFiniteError(step, _names(names))

    def saved(self, step: int) -> None:
        """Notes that a state was saved: past a failure, it counts no more."""
        if self.config.policy == "rollback" and step > self._failed_at:
            self.tried = []

    def may_roll_back(self) -> bool:
        """Whether a run goes back to its last checkpoint once more."""
        return self.config.policy == "rollback" and len(self.tried) < self.config.limit

    def roll_back(self, fault: NonFiniteError, good: int, state: GanState) -> GanState:
        """The state of the last good checkpoint, with another key; counted and printed."""
        self.rollbacks += 1
        self._failed_at = fault.step
        self.tried.append(f"{fault} Back at step {good}, with other clips and other draws")
        print(f"{self.tried[-1]} ({len(self.tried)} of {self.config.limit}).", flush=True)
        return state.replace(rng=_other_key(state.rng, len(self.tried)))

    def counts(self) -> dict[str, int]:
        """For ``metrics.jsonl``: updates left out since the last line, or ways back in all."""
        found = {"skip": {"skipped": self.skipped}, "rollback": {"rollbacks": self.rollbacks}}
        return found.get(self.config.policy, {})

    def report(self, fault: NonFiniteError, *, rate: float, good: str) -> str:
        """All that is known of a failure, and what to do.

        Args:
          rate: the learning rate at that step.
          good: where the last good checkpoint is.
        """
        lines = [f"{fault} Last good checkpoint: {good}."]
        lines += [f"  step {step}: {_values(metrics)}" for step, metrics in fault.pending[-2:]]
        lines += [f"  learning rate: {rate:g}; config.non_finite: {self.config.policy}"]
        lines += [f"  tried: {line}" for line in self.tried]
        hint = "A lower config.optimizer.learning_rate or another recipe may help."
        if self.config.policy == "stop":
            hint += " config.non_finite=skip leaves such updates out, rollback tries other clips."
        return "\n".join([*lines, hint])

    def _count(self, step: int, players: list[str], updated: list[str], seen: Pending) -> None:
        """Counts each player's own updates: one may have several between two of the other."""
        for player in updated:
            self._in_a_row.pop(player, None)
        if self.config.policy == "skip" and not self._in_a_row and not players:
            self.tried = []
        if not players:
            return
        self.skipped += len(players)
        self._in_a_row.update(players)
        most = max(self._in_a_row[player] for player in players)
        self.tried.append(f"Step {step}: left out the update of {' and '.join(players)}")
        print(f"{self.tried[-1]}: not finite ({most} in a row).", flush=True)
        if most > self.config.limit:
            raise NonFiniteError(step, f"more than {self.config.limit} updates in a row are", seen)


def non_finite_arrays(state: GanState) -> list[str]:
    """Names of the arrays of a state that hold a number that is not finite, as in a checkpoint."""
    named = {
        jax.tree_util.keystr(path, simple=True, separator="/"): array
        for path, array in jax.tree_util.tree_leaves_with_path(state)
        if jnp.issubdtype(array.dtype, jnp.inexact) and array.size
    }
    finite = np.asarray(_finite(list(named.values()), state.step.sharding))
    return [name for name, good in zip(named, finite, strict=True) if not good]


@partial(jax.jit, static_argnums=1)
def _finite(arrays: list[jax.Array], replicated: jax.sharding.Sharding) -> jax.Array:
    # The largest is not finite if any is; a third of the time of asking each number.
    flags = jnp.stack([jnp.isfinite(jnp.max(jnp.abs(array))) for array in arrays])
    return jax.lax.with_sharding_constraint(flags, replicated)


def _other_key(rng: jax.Array, count: int) -> jax.Array:
    """Key data that no step has drawn from, where ``rng`` lies."""
    key = jax.random.fold_in(jax.random.wrap_key_data(jnp.asarray(np.asarray(rng))), count)
    return jax.device_put(np.asarray(jax.random.key_data(key)), rng.sharding)


def _without_skipped(metrics: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A step's metrics without those of updates left out; and whose updates these were."""
    skipped = [player for player in PLAYERS if metrics.get(f"{player}/skipped")]
    left = {
        name: value
        for name, value in metrics.items()
        if not name.endswith("/skipped") and name.split("/")[0] not in skipped
    }
    return left, [PLAYERS[player] for player in skipped]


def _names(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    verb = "is" if len(names) == 1 else "are"
    return f"{', '.join(names[:SHOWN])}{more} {verb}"


def _values(metrics: Mapping[str, Any]) -> str:
    return "  ".join(f"{name} {value:.3g}" for name, value in sorted(metrics.items()))
