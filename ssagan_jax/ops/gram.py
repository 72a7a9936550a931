"""Gram matrices: which features move together, wherever in the picture they do."""

import jax.numpy as jnp
from einops import rearrange
from jaxtyping import Array, Float


def gram(features: Float[Array, "b t h w c"]) -> Float[Array, "b m m"]:
    """H H^T / (M S) of each clip, H the features as an M x S matrix.

    A row of H is one channel at one time, M = channels x frames; a column is one position,
    S = h x w (MD-GAN: Xiong et al. 2018; the factor is quoted in the authors' code). Float32,
    whatever the features are.
    """
    rows = rearrange(features, "b t h w c -> b (c t) (h w)")
    sums = jnp.einsum("bms,bns->bmn", rows, rows, preferred_element_type=jnp.float32)
    return sums / (rows.shape[1] * rows.shape[2])
