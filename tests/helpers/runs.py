"""Workdirs with checkpoints of stub networks."""

import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.training.full_checkpoints import Checkpoints
from tests.helpers.stubs import drawn_state, make_gan

SETTINGS = {"dataset": {"size": 12}, "note": "read back as it was"}


def new(seed=0, **changes):
    """A state in which no two arrays are alike."""
    state = drawn_state(make_gan(**{"ema_decay": 0.9, **changes}), seed)
    numbers = iter(range(1, 1000))
    return jax.tree.map(lambda x: jnp.asarray(x + np.asarray(next(numbers), x.dtype)), state)


def save(workdir, steps, *, scores=None, keep=2, state=None, settings=SETTINGS):
    """A manager that has written these steps."""
    manager = Checkpoints(workdir, keep=keep)
    for step in steps:
        data = {"position": step}
        manager.save(step, state or new(step), data=data, config=settings)
        manager.wait()
        if step in (scores or {}):
            manager.record_score(step, scores[step])
    return manager
