"""How well a model's prior knows the winds of true clips: likelihood and coverage."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation.batches import read_batches
from ssagan_jax.ops import mixture
from ssagan_jax.ops.mixture import Mixture

PERCENT = 100.0  # winds are shares of the picture: in hundredths, densities are of the order of 1
REGIONS = (0.5, 0.9)  # probability of the regions of highest density that are counted
DRAWS = 1000  # points of each prior, by which its regions are known
SEED = 0


def score_prior(
    prior: Callable[[np.ndarray], np.ndarray], source: ClipSource, *, batch_size: int
) -> dict[str, Any]:
    """Compares p(wind | photo) with the winds of true clips.

    Args:
      prior: ``Animator.prior``: photos, uint8 [b h w 3], to mixtures [b k 5].
      source: the true clips, opened with their wind.
      batch_size: how many photos the model sees at a time.

    Returns:
      ``log_likelihood`` of the true winds, in hundredths of the picture per frame: ``mean`` and
      ``median`` over the clips; ``gaussian``: the same of one Gaussian for all photos, with mean
      and deviations of these very winds, which a prior that ignores the photo cannot beat by
      much; ``covered``: for each of ``REGIONS``, the share of true winds in the prior's region of
      highest density that holds so much of its probability (calibrated: the same number).
    """
    found = []
    for batch in read_batches(source, batch_size):
        assert batch.winds is not None  # the source was opened with them
        scores = (*_score(prior(batch.clips[:, 0]), batch.winds), batch.winds)
        found.append([np.asarray(score)[: batch.new] for score in scores])
    density, denser, winds = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return {
        "log_likelihood": _summarise(density),
        "gaussian": _summarise(_log_gaussian(winds)),
        "covered": {str(p): float(np.mean(denser <= p)) for p in REGIONS},
    }


def format_prior(scores: Mapping[str, Any]) -> str:
    """What ``score_prior`` found, as text."""
    prior, gaussian = (
        f"{scores[name]['mean']:.2f} (median {scores[name]['median']:.2f})"
        for name in ("log_likelihood", "gaussian")
    )
    regions = ", ".join(
        f"{100 * found:.0f} % of {100 * float(p):.0f} %" for p, found in scores["covered"].items()
    )
    return (
        f"Prior of the wind: log-likelihood of the true winds {prior}; of one Gaussian fitted to "
        f"them {gaussian}. True winds in its regions of highest density: {regions}."
    )


@jax.jit
def _score(
    prior: Mixture, winds: Float[Array, "b 2"]
) -> tuple[Float[Array, "b"], Float[Array, "b"]]:
    """Log-density of each wind (in hundredths), and the prior's probability of denser ones."""
    density = mixture.log_likelihood(prior, winds)
    keys = jax.random.split(jax.random.key(SEED), DRAWS)
    draws = jax.vmap(mixture.draw, in_axes=(0, None))(keys, prior)
    drawn = jax.vmap(mixture.log_likelihood, in_axes=(None, 0))(prior, draws)
    return density - 2 * jnp.log(PERCENT), jnp.mean(drawn > density, axis=0)


def _log_gaussian(winds: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n"]:
    points = PERCENT * winds.astype(np.float64)
    deviation = np.maximum(points.std(axis=0), 1e-6)
    apart = (points - points.mean(axis=0)) / deviation
    return -0.5 * np.square(apart).sum(-1) - np.log(deviation).sum() - np.log(2 * np.pi)


def _summarise(values: np.ndarray) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "median": float(np.median(values))}
