"""The authors' PyTorch weights: the only part that may load PyTorch, and only to read a file."""

from ssagan_jax.checkpoints.torch.loading import load_torch

__all__ = ["load_torch"]
