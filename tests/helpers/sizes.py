"""Sizes and numbers of frames that networks are tried with."""

from ssagan_jax.models.layers.pyramid import FRAMES, SIZES

# Each size once, each number of frames once, and the flattest and the deepest clips.
# All pairs of levels: tests/models/layers/test_pyramid.py.
PAIRS = (*zip(SIZES, FRAMES, strict=True), (SIZES[0], FRAMES[-1]), (SIZES[-1], FRAMES[0]))
