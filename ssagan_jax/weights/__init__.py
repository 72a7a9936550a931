"""The authors' PyTorch weights: the only part that may load PyTorch, and only to read a file."""

from ssagan_jax.weights.torch_import import load_torch

__all__ = ["load_torch"]
