"""The precision of products and convolutions in either framework, by one name."""

import contextlib
from collections.abc import Callable

NAMES = ("float32", "tf32", "bfloat16")


def of_jax(name: str, device: str) -> None:
    """What is compiled from now on; bfloat16 is up to the arrays, the rest then TF32.

    A CPU's products of float32 are float32 whatever they are called.
    """
    import jax

    if device == "cpu":
        return
    jax.config.update(
        "jax_default_matmul_precision", "float32" if name == "float32" else "tensorfloat32"
    )


def of_torch(name: str, device: str, make: Callable[[], Callable]) -> Callable:
    """What ``make`` gives, run at this precision to its end: bfloat16 by autocast, the rest TF32.

    On a CPU numbers too small to be normal are 0, as in XLA's programs. The softmax of the authors'
    attention makes many, and Intel's processors are slow with them: docs/benchmarks.md. A thread
    keeps what it began with, so this comes before PyTorch's first.
    """
    import torch

    torch.set_flush_denormal(True)
    torch.set_float32_matmul_precision("highest" if name == "float32" else "high")
    torch.backends.cudnn.allow_tf32 = name != "float32"

    run = make()

    def finished():
        half = torch.autocast(device, torch.bfloat16) if name == "bfloat16" else None
        with half or contextlib.nullcontext():
            result = run()
        if device == "cuda":
            torch.cuda.synchronize()
        return result

    return finished
