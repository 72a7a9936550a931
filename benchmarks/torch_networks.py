"""The authors' networks in PyTorch, our own expression of their layer tables.

Arrays are named as in the authors' files, so that ``ssagan_jax.checkpoints.torch`` reads them.
Clips are [batch, channels, time, height, width], as PyTorch has them.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

# Kernel, stride, padding.
FIRST = ((3, 4, 4), (1, 2, 2), (1, 1, 1))  # halves space alone
HALVE = ((4, 4, 4), (2, 2, 2), (1, 1, 1))
PAIR = ((2, 4, 4), (1, 1, 1), (0, 0, 0))


def ladder(size, frames):
    """The halving convolutions of a clip, and the one over all that they leave.

    Space is halved down to 4 x 4, time from the second level on until it is 2. The authors
    have 128 and 64 pixels, both of 32 frames.
    """
    layers = [FIRST]
    while size >> len(layers) > 4:
        layers.append(HALVE if frames > 2 else FIRST)
        frames //= layers[-1][1][0]
    return layers, ((frames, 4, 4), (1, 1, 1), (0, 0, 0))


def widths(features, levels):
    """Channels of the photo and of each level."""
    return [3, *(features * min(2**n, 16) for n in range(levels))]


def conv(wide, narrow, layer, *, sn, transpose=False):
    kernel, stride, padding = layer
    kind = nn.ConvTranspose3d if transpose else nn.Conv3d
    module = kind(wide, narrow, kernel, stride, padding, bias=False)
    return spectral_norm(module) if sn else module


class Attention(nn.Module):
    """One map over positions: of all frames together (``shared``), or of space and time."""

    def __init__(self, channels, *, c_cal, gamma=True, spatiotemporal=False):
        super().__init__()
        self.query_conv = nn.Conv3d(channels, channels // c_cal, 1)
        self.key_conv = nn.Conv3d(channels, channels // c_cal, 1)
        self.value_conv = nn.Conv3d(channels, channels, 1)
        self.spatiotemporal = spatiotemporal
        if gamma:
            self.gamma = nn.Parameter(torch.zeros(1))
        else:
            self.W = nn.Sequential(nn.Conv3d(channels, channels, 1), nn.BatchNorm3d(channels))

    def forward(self, x):
        start = 2 if self.spatiotemporal else 3  # the first axis of positions
        query, key, value = (  # [batch, features of a position, positions]
            f(x).flatten(start).flatten(1, -2)
            for f in (self.query_conv, self.key_conv, self.value_conv)
        )
        weights = torch.softmax(torch.bmm(query.transpose(1, 2), key), -1)
        out = torch.bmm(value, weights.transpose(1, 2)).reshape(x.shape)
        return (self.gamma * out if hasattr(self, "gamma") else self.W(out)) + x


class Generator(nn.Module):
    """The U-Net family: a photo [batch, 3, height, width], or a clip, to a clip.

    Args:
      features: of the first level.
      size, frames: of the clip.
      concat: skips are joined, or else summed.
      skips: how many of the deepest levels have one.
      bottleneck: the layer under the deepest level; None: over all of it, and then the deepest
        skip is joined first, as in the authors' 128-pixel file and not in their 64-pixel ones.
      encoder, decoder: levels with attention, 1 the shallowest.
      share: the decoder calls the encoder's blocks.
      dead: further blocks that are made and never called.
      block: options of ``Attention``.
    """

    def __init__(
        self,
        features=32,
        *,
        size=128,
        frames=32,
        sn=True,
        concat=True,
        skips=5,
        bottleneck=None,
        encoder=(),
        decoder=(),
        share=False,
        dead=(),
        **block,
    ):
        super().__init__()
        layers, whole = ladder(size, frames)
        self.levels = levels = len(layers)
        self.frames, self.concat, self.share, self.first = frames, concat, share, 6 - levels
        self.joined = range(levels, levels - min(skips, levels), -1)
        self.sides = (encoder, decoder)
        self.skip_first = levels if bottleneck is None else None
        wide = widths(features, levels)
        for n, layer in enumerate(layers, 1):
            self.add_module(f"downConv{n}", conv(wide[n - 1], wide[n], layer, sn=sn))
            if n > 1:
                self.add_module(f"downBN{n}", nn.BatchNorm3d(wide[n]))
        bottom = bottleneck or whole
        self.add_module(f"downConv{levels + 1}", conv(wide[-1], wide[-1], bottom, sn=sn))
        given = wide[-1]
        for n in range(self.first, 6):  # the output of upConvN is at level 6 - n
            level = 6 - n
            layer = bottom if level == levels else layers[level]
            self.add_module(f"upConv{n}", conv(given, wide[level], layer, sn=sn, transpose=True))
            self.add_module(f"upBN{n}", nn.BatchNorm3d(wide[level]))
            given = wide[level] * (2 if concat and level in self.joined else 1)
        self.upConv6 = conv(given, 3, FIRST, sn=sn, transpose=True)
        called = {f"attn_{n}" for n in encoder}
        called |= {f"up_attn_{n}" for n in decoder if not share}
        for name in sorted(called | set(dead)):
            channels = features * min(2 ** (int(name[-1]) - 1), 16)
            self.add_module(name, Attention(channels, **block))

    def forward(self, x):
        if x.dim() == 4:
            x = x[:, :, None].expand(-1, -1, self.frames, -1, -1)
        kept = {}
        for n in range(1, self.levels + 1):
            x = getattr(self, f"downConv{n}")(x)
            if n > 1:
                x = F.leaky_relu(getattr(self, f"downBN{n}")(x), 0.2, inplace=True)
            if n in self.sides[0]:
                x = getattr(self, f"attn_{n}")(x)
            kept[n] = x
        x = getattr(self, f"downConv{self.levels + 1}")(x)
        for n in range(self.first, 6):
            level = 6 - n
            x = F.relu(getattr(self, f"upBN{n}")(getattr(self, f"upConv{n}")(x)), inplace=True)
            if level in self.sides[1]:
                x = getattr(self, f"{'' if self.share else 'up_'}attn_{level}")(x)
            if level in self.joined and self.concat:
                pair = (kept[level], x) if level == self.skip_first else (x, kept[level])
                x = torch.cat(pair, 1)
            elif level in self.joined:
                x = kept[level] + x
        return torch.tanh(self.upConv6(x))


class Discriminator(nn.Module):
    """Halving convolutions, then one over what is left and a sigmoid: scores and features.

    The authors' last leaky ReLU has a slope of 0.01 at 128 pixels, where it is PyTorch's own, and
    0.2 at 64, where that layer is left out and the last convolution takes a pair of frames.

    Args:
      last: the last convolution; None: over all that is left.
    """

    def __init__(self, features=32, *, size=128, frames=32, sn=True, last_slope=0.2, last=None):
        super().__init__()
        layers, whole = ladder(size, frames)
        levels, wide = len(layers), widths(features, len(layers))

        def block(level):
            slope = last_slope if level == levels else 0.2
            module = conv(wide[level - 1], wide[level], layers[level - 1], sn=sn)
            return [module, nn.BatchNorm3d(wide[level]), nn.LeakyReLU(slope, inplace=True)]

        deep = [layer for level in range(4, levels + 1) for layer in block(level)]
        first = conv(3, features, FIRST, sn=sn)
        self.slice1 = nn.Sequential(first, nn.LeakyReLU(0.2, inplace=True))
        self.slice2 = nn.Sequential(*block(2), *block(3))
        self.slice3 = nn.Sequential(*deep)
        self.slice4 = nn.Sequential(conv(wide[-1], 1, last or whole, sn=sn), nn.Sigmoid())

    def forward(self, clip):
        features = [self.slice1(clip)]
        for part in (self.slice2, self.slice3):
            features.append(part(features[-1]))
        return self.slice4(features[-1]).flatten(1), features
