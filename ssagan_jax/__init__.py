"""SSA-GAN in JAX: one landscape photo in, a moving time-lapse clip out.

    from ssagan_jax import animate, evaluate, load_animator, train

    train("quickstart", "runs/quickstart")
    scores = evaluate("runs/quickstart")
    animate("photo.jpg", load_animator("runs/quickstart"), loop=True).save("sky.mp4")

These four are loaded when they are first used: ``import ssagan_jax`` loads no JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssagan_jax.animation.animator import load_animator
    from ssagan_jax.animation.rendering import animate
    from ssagan_jax.evaluation.api import evaluate_checkpoint as evaluate
    from ssagan_jax.training.loop import train

__version__ = "0.1.0"
__all__ = ["animate", "evaluate", "load_animator", "train"]

_PUBLIC = {
    "animate": ("ssagan_jax.animation.rendering", "animate"),
    "evaluate": ("ssagan_jax.evaluation.api", "evaluate_checkpoint"),
    "load_animator": ("ssagan_jax.animation.animator", "load_animator"),
    "train": ("ssagan_jax.training.loop", "train"),
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, function = _PUBLIC[name]
    return getattr(importlib.import_module(module), function)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
