"""What does not change during training, on one device and on several."""

import jax
import numpy as np
from jax.sharding import Mesh

from tests.helpers.stubs import Generator, make_gan


def mesh_of(count):
    return Mesh(np.asarray(jax.devices()[:1] * count), ("data",))


def test_on_one_device_there_are_no_axes():
    assert make_gan().axis_names == ()
    gan = make_gan().on_mesh(mesh_of(1))
    assert gan.axis_names == gan.generator.compute.axis_names == ()
    assert gan.generator.compute.platform == "cpu"


def test_both_networks_know_the_axes_that_share_the_batch():
    gan = make_gan().on_mesh(mesh_of(2))
    assert gan.axis_names == ("data",)
    for module in (gan.generator, gan.discriminator):
        assert module.compute.axis_names == ("data",)


def test_with_compute_leaves_the_rest():
    gan = make_gan(ema_decay=0.5).with_compute(platform="tpu")
    assert (gan.discriminator.compute.platform, gan.ema_decay) == ("tpu", 0.5)


def test_batches_hold_what_networks_and_losses_take():
    assert make_gan().arrays == ("clip",)
    losses = {"l1": 1.0, "mask_cross_entropy": 1.0}
    assert make_gan(generator_losses=losses).arrays == ("clip", "moving")
    assert make_gan(generator=Masked()).arrays == ("clip", "mask")


class Masked(Generator):
    takes_mask = True
