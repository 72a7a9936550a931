"""The self-attention block of the poster."""

from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.initializers import normal, uniform_fan_in
from ssagan_jax.models.layers.norm import BatchNorm
from ssagan_jax.ops.attention import attend
from ssagan_jax.ops.repeated_frames import Repeats

GATES = ("gamma", "none_zero_init", "none_normal_init")


class SelfAttention(nn.Module):
    """y = gamma * softmax(x1 x2) x3 + x, with x1, x2, x3 three 1x1x1 convolutions of x.

    Computed in the dtype of x, the softmax in float32; the parameters are float32.

    Attributes:
      kind: which positions share one softmax map: a key of ``ops.attention.LAYOUTS``.
      c_cal: x1 and x2 have channels // c_cal channels (poster: the letters a and c).
      gate: ``gamma``: a learnt scalar. ``none_zero_init`` and
        ``none_normal_init``: no scalar, a 1x1x1 convolution and batch norm on the branch
        instead; its kernel starts at zero (what the authors wrote) or N(0, 0.02) (what their
        code does, since a later initialisation overwrites the zeros).
      gamma_init: what gamma starts from (poster: 0).

    Raises:
      ValueError: for an unknown gate, or a c_cal larger than the channels.
    """

    kind: str
    c_cal: int = 1
    gate: str = "gamma"
    gamma_init: float = 0.0
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Float[Array, "b t h w c"], *, train: bool, repeats: Repeats = None
    ) -> Float[Array, "b t h w c"]:
        channels = x.shape[-1]
        if self.gate not in GATES:
            raise ValueError(f'Unknown gate "{self.gate}". Known: {", ".join(GATES)}.')
        if not 1 <= self.c_cal <= channels:
            raise ValueError(f"c_cal must be from 1 to the {channels} channels, not {self.c_cal}.")
        query = self._project("query", channels // self.c_cal, x)
        key = self._project("key", channels // self.c_cal, x)
        value = self._project("value", channels, x)
        platform = self.compute.platform
        attended = attend(query, key, value, kind=self.kind, repeats=repeats, platform=platform)
        if self.gate == "gamma":
            gamma = self.param("gamma", nn.initializers.constant(self.gamma_init), ())
            return (gamma * attended + x).astype(x.dtype)
        scale = 0.0 if self.gate == "none_zero_init" else 0.02
        branch = self._project("output", channels, attended, scale=scale)
        norm = BatchNorm(compute=self.compute, name="norm")
        return norm(branch, train=train, repeats=repeats) + x

    def _project(self, name, features, x, *, scale=0.02):
        """Its bias starts as PyTorch's default, as in the authors' code."""
        return Projection(
            features,
            kernel_init=normal(scale, self.compute.draw),
            bias_init=uniform_fan_in(x.shape[-1], self.compute.draw),
            name=name,
        )(x)


class Projection(nn.Module):
    """A 1x1x1 convolution, in the dtype of its input; the parameters are those of ``nn.Dense``.

    Computed as a product of two matrices: with all axes of a clip, XLA transposes the clip first
    for the kernel's gradient on a CPU.
    """

    features: int
    kernel_init: nn.initializers.Initializer
    bias_init: nn.initializers.Initializer

    @nn.compact
    def __call__(self, x: Float[Array, "b t h w c"]) -> Float[Array, "b t h w features"]:
        kernel = self.param("kernel", self.kernel_init, (x.shape[-1], self.features))
        bias = self.param("bias", self.bias_init, (self.features,))
        rows = x.reshape(-1, x.shape[-1]) @ kernel.astype(x.dtype) + bias.astype(x.dtype)
        return rows.reshape(*x.shape[:-1], self.features)
