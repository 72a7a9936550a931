"""Weights for the peer's networks under which the import is tested.

They are random, every term counts (gates, running statistics), and activations stay of the order
of one in evaluation too.
"""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(2)


def randomise(network, seed=0):
    """Random weights under which every term counts, and settled spectral vectors."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
            if name.endswith("gamma"):
                tensor.fill_(0.5)
            elif tensor.dim() == 5:
                # Large queries and keys would make maps so sharp that rounding shows.
                gain = 0.2 if "query" in name or "key" in name else 1.0
                tensor.normal_(0, gain / tensor[0].numel() ** 0.5, generator=generator)
            elif name.endswith(("bias", "running_mean")):
                tensor.normal_(0, 0.1, generator=generator)
            elif name.endswith((".weight", "running_var")):  # of a batch norm
                tensor.uniform_(0.5, 1.5, generator=generator)
        for module in network.modules():
            if hasattr(module, "weight_u"):
                _settle(module, steps=3)
    return network


def _settle(module, steps):
    """A few power iterations: fresh vectors would make evaluation explode."""
    kernel = module.weight_orig
    out = 1 if isinstance(module, nn.ConvTranspose3d) else 0
    matrix = kernel.movedim(out, 0).flatten(1)
    for _ in range(steps):
        module.weight_v.copy_(F.normalize(matrix.T @ module.weight_u, dim=0))
        module.weight_u.copy_(F.normalize(matrix @ module.weight_v, dim=0))
