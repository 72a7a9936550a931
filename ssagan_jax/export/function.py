"""What an export holds of a checkpoint: a pure function of one photo, and its weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.checkpoints import loading
from ssagan_jax.models import from_config
from ssagan_jax.models.layers.compute import with_compute
from ssagan_jax.models.variables import takes_wind

# What the exported program is computed in, whatever the run used: the file is to give the same
# clips everywhere. Nothing is kept for gradients.
COMPUTE = {"precision": "float32", "remat": "none"}
# How a generator that warps moves photos: velocity [S, S, 2] (right, down), shares per frame; mask
# [S, S]; change [T, S, S, 3], in the clip's unit. With a wind also that one, [2], as it was used.
FIELDS = ("velocity", "mask", "change")
WIND = "wind"


@dataclass(frozen=True)
class Function:
    """A generator without its module.

    Attributes:
      name: of the model.
      size: height and width S of photos and clips, in pixels.
      frames: length T of the clips.
      variables: all collections, as NumPy arrays.
      info: ``step`` and ``hash`` of the checkpoint, ``precision`` of the run.
      one: variables and a photo [S, S, 3] to its clip [T, S, S, 3], and what ``FIELDS`` of a
        generator that warps are, by name, in the wind that it finds likely.
      names: what ``one`` returns.
    """

    name: str
    size: int
    frames: int
    variables: Mapping[str, Any]
    info: Mapping[str, str]
    one: Callable[[Mapping, Float[Array, "s s 3"]], dict[str, Array]]
    names: tuple[str, ...] = ("clip",)

    def many(self, variables: Mapping, photos: Float[Array, "b s s 3"]) -> dict[str, Array]:
        """Of photos, each by itself: traced for one, so that any number will do."""
        return jax.vmap(lambda photo: self.one(variables, photo))(photos)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of what ``one`` returns."""
        square = (self.size, self.size)
        clip = (self.frames, *square, 3)
        known = {"clip": clip, "velocity": (*square, 2), "mask": square, "change": clip, WIND: (2,)}
        return {name: known[name] for name in self.names}


def read_function(path: str | Path | None) -> Function:
    """The Function of a generator, of whatever ``loading.load_generator`` takes.

    Raises:
      FileNotFoundError: if there is no checkpoint, saying what was looked for.
      ValueError: the model's clips are not a function of the photo alone, or it is half a system.
    """
    network, variables, info = loading.load_generator(path)
    module = from_config.generator(network)
    _check_exportable(network.name, module)
    _refuse_half_a_system(loading.read_config(info["path"]))
    options: dict[str, Any] = {k: v for k, v in COMPUTE.items() if hasattr(module, k)}
    return Function(
        name=network.name,
        size=module.size,
        frames=module.frames,
        variables=variables,
        info={
            "step": info["step"],
            "hash": info["hash"],
            "precision": getattr(module, "precision", "float32"),
        },
        # The CPU's forms run fast everywhere, and are the only ones that ONNX has: 2-D
        # convolutions, and attention a few rows of a map at a time.
        one=_one(with_compute(module.clone(**options), platform="cpu")),
        names=("clip", *_field_names(module)),
    )


def _field_names(module: nn.Module) -> tuple[str, ...]:
    if getattr(module, "output", "") != "warp":
        return ()
    return (*FIELDS, WIND) if takes_wind(module) else FIELDS


def _check_exportable(name: str, module: nn.Module) -> None:
    if getattr(module, "draws_noise", False):
        raise ValueError(
            f'The generator "{name}" draws noise for each clip; an exported file is a function of '
            "the photo alone. Use ssagan generate, or export another model."
        )


def _refuse_half_a_system(config: Mapping[str, Any]) -> None:
    source = config.get("imported", {})
    if source.get("stage") == 2 and not source.get("first"):
        raise ValueError(
            "This is a second stage alone, which refines clips, not photos. Export the system of "
            "both: ssagan import-torch ... --stage=2 --first=STAGE1.pth makes it of MD-GAN's."
        )


def _one(module: nn.Module) -> Callable[[Mapping[str, Any], jax.Array], dict[str, jax.Array]]:
    def one(variables, photo):
        variables = jax.tree.map(jnp.asarray, variables)
        generated: Any = module.apply(variables, photo[None], train=False)
        found = {"clip": generated.clip[0]}
        found |= {name: generated.extras[name][0] for name in _field_names(module)}
        if "mask" in found:
            found["mask"] = found["mask"][..., 0]
        return found

    return one
