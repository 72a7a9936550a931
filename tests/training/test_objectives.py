"""Passes of the networks whose losses are differentiated; what updates make of them: test_step."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from ssagan_jax.models.layers.conv import SpectralNorm
from ssagan_jax.training.objectives import forward, generate, iterate_spectral_norm
from ssagan_jax.types import Generated
from tests.helpers.stubs import Generator, clips, make_gan


class Told(Generator):
    """The clip is what may move, in every frame and colour."""

    takes_mask = True

    def __call__(self, frame, *, train, mask):
        clip = jnp.broadcast_to(mask[:, None, ..., None], (len(frame), self.frames, 12, 12, 3))
        return Generated(clip=clip)


def test_a_generator_that_takes_a_mask_has_that_of_the_batch():
    mask, nothing = jnp.linspace(0, 1, 4 * 144).reshape(4, 12, 12), {"generator": {}}
    batch = {"clip": jnp.asarray(clips() / np.float32(127.5) - 1), "mask": mask}
    made, _ = generate(make_gan(generator=Told()), nothing, nothing, batch, jax.random.key(7))
    np.testing.assert_array_equal(made.clip[:, 1, ..., 2], mask)


class OneConvolution(nn.Module):
    """Judges by one spectrally normalised kernel, and keeps a statistic of its clips."""

    @nn.compact
    def __call__(self, clip, *, train):
        mean = self.variable("batch_stats", "mean", jnp.zeros, ())
        mean.value = clip.mean()
        kernel = self.param("kernel", nn.initializers.normal(), (3, 4))
        return clip @ SpectralNorm(name="norm")(kernel, train=train)


def test_a_further_power_iteration_moves_spectral_vectors_alone():
    module, clip = OneConvolution(), jnp.ones((2, 1, 1, 1, 3))
    variables = module.init(jax.random.key(0), clip, train=False)
    params, stats = variables["params"], {k: v for k, v in variables.items() if k != "params"}
    found = iterate_spectral_norm(partial(forward, module, params), stats, 5 * clip)
    np.testing.assert_array_equal(found["batch_stats"]["mean"], stats["batch_stats"]["mean"])
    kernel, u = np.asarray(params["kernel"]), np.asarray(stats["spectral"]["norm"]["u"])
    v = kernel @ u / np.linalg.norm(kernel @ u)
    u = kernel.T @ v / np.linalg.norm(kernel.T @ v)
    np.testing.assert_allclose(found["spectral"]["norm"]["u"], u, rtol=1e-5)
    without = {"batch_stats": stats["batch_stats"]}
    plain = iterate_spectral_norm(lambda stats, clip: (None, stats), without, clip)
    assert plain is without
