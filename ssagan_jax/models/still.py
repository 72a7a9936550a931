"""The still picture: the photo repeated. The control every table carries."""

from flax import linen as nn

from ssagan_jax.ops.clip import still
from ssagan_jax.types import Frame, Generated


class Generator(nn.Module):
    """Repeats the photo ``frames`` times; has no parameters."""

    size: int = 128
    frames: int = 32

    @nn.compact
    def __call__(self, frame: Frame, *, train: bool) -> Generated:
        return Generated(clip=still(frame, frames=self.frames))
