"""SSA-GAN's generator: a 3-D U-Net with self-attention after its convolutions (poster, fig. 2)."""

from ssagan_jax.models import unet


class Generator(unet.Generator):
    """One photo in, a clip out; fields and errors as ``models.unet``, with attention."""

    attention: str = "per_frame"
