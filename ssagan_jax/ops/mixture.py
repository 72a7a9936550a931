"""Mixtures of Gaussians in the plane, as arrays.

A mixture of K components is ``[b, k, 5]``: the logarithm of the weight (up to a constant), the mean
(x, y) and the logarithms of the standard deviations along x and y (Bishop, *Mixture Density
Networks*, 1994).
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Mixture = Float[Array, "b k 5"]
SIZE = 5  # numbers of a component


def log_likelihood(mixture: Mixture, points: Float[Array, "b 2"]) -> Float[Array, "b"]:
    """The logarithm of each mixture's density at its point."""
    weights, means, scales = _parts(mixture)
    apart = (points[:, None] - means) / jnp.exp(scales)
    logs = -0.5 * jnp.sum(jnp.square(apart), -1) - jnp.sum(scales, -1) - jnp.log(2 * jnp.pi)
    return jax.nn.logsumexp(weights + logs, axis=-1)


def mode(mixture: Mixture) -> Float[Array, "b 2"]:
    """The most likely point of each mixture, among the means of its components."""
    means = mixture[..., 1:3]
    density = jax.vmap(log_likelihood, in_axes=(None, 1), out_axes=1)(mixture, means)
    best = jnp.argmax(density, axis=-1)
    return jnp.take_along_axis(means, best[:, None, None], axis=1)[:, 0]


def draw(key: jax.Array, mixture: Mixture) -> Float[Array, "b 2"]:
    """One point of each mixture."""
    of_component, of_point = jax.random.split(key)
    weights, means, scales = _parts(mixture)
    chosen = jax.random.categorical(of_component, weights)[:, None, None]
    mean, scale = (jnp.take_along_axis(x, chosen, axis=1)[:, 0] for x in (means, scales))
    return mean + jnp.exp(scale) * jax.random.normal(of_point, mean.shape)


def _parts(mixture):
    """Normalised logarithms of the weights, means, logarithms of the deviations."""
    return jax.nn.log_softmax(mixture[..., 0]), mixture[..., 1:3], mixture[..., 3:5]
