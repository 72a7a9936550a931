"""The authors' networks in PyTorch, written from their layer tables: what the import is tested by.

Arrays are named as in the authors' files. Their weights are random, every term counts (gates,
running statistics), and activations stay of the order of one in evaluation too.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

torch.set_num_threads(2)

FIRST = ((3, 4, 4), (1, 2, 2), (1, 1, 1))
HALVE = ((4, 4, 4), (2, 2, 2), (1, 1, 1))
WHOLE = ((2, 4, 4), (1, 1, 1), (0, 0, 0))


LEVELS = {128: 5, 64: 4, 32: 3}


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
        query, key, value = (
            f(x).flatten(start).flatten(1, -2)
            for f in (self.query_conv, self.key_conv, self.value_conv)
        )
        weights = torch.softmax(torch.einsum("bfi,bfj->bij", query, key), -1)
        out = torch.einsum("bij,bfj->bfi", weights, value).reshape(x.shape)
        return (self.gamma * out if hasattr(self, "gamma") else self.W(out)) + x


class Generator(nn.Module):
    """The U-Net family.

    Args:
      features: of the first level.
      size: 128 (five levels), 64 (four), or 32 (three; the authors have none of these).
      concat: or sum.
      skips: how many of the deepest levels have one.
      bottleneck: the layer under the deepest level.
      encoder, decoder: levels with attention, 1 the shallowest.
      share: the decoder calls the encoder's blocks.
      dead: further blocks that are made and never called.
      block: options of ``Attention``.
    """

    def __init__(
        self,
        features=2,
        *,
        size=128,
        sn=True,
        concat=True,
        skips=5,
        bottleneck=WHOLE,
        encoder=(),
        decoder=(),
        share=False,
        dead=(),
        **block,
    ):
        super().__init__()
        self.levels = levels = LEVELS[size]
        self.concat, self.share, self.first = concat, share, 6 - levels
        self.joined = range(levels, levels - min(skips, levels), -1)
        self.sides = (encoder, decoder)
        self.skip_first = 5  # the level whose skip comes first; the 64-pixel files have none
        widths = [3, *(features * 2**n for n in range(levels))]
        for n in range(1, levels + 1):
            layer = FIRST if n == 1 else HALVE
            self.add_module(f"downConv{n}", conv(widths[n - 1], widths[n], layer, sn=sn))
            if n > 1:
                self.add_module(f"downBN{n}", nn.BatchNorm3d(widths[n]))
        name = f"downConv{levels + 1}"
        self.add_module(name, conv(widths[-1], widths[-1], bottleneck, sn=sn))
        wide = widths[-1]
        for n in range(self.first, 6):  # the output of upConvN is at level 6 - n
            narrow, layer = widths[6 - n], bottleneck if n == self.first else HALVE
            self.add_module(f"upConv{n}", conv(wide, narrow, layer, sn=sn, transpose=True))
            self.add_module(f"upBN{n}", nn.BatchNorm3d(narrow))
            wide = narrow * (2 if concat and 6 - n in self.joined else 1)
        self.upConv6 = conv(wide, 3, FIRST, sn=sn, transpose=True)
        called = {f"attn_{n}" for n in encoder}
        called |= {f"up_attn_{n}" for n in decoder if not share}
        for name in sorted(called | set(dead)):
            width = features * 2 ** (int(name[-1]) - 1)
            self.add_module(name, Attention(width, **block))

    def forward(self, x):
        if x.dim() == 4:
            x = x[:, :, None].expand(-1, -1, 8 if self.levels == 3 else 32, -1, -1)
        kept = {}
        for n in range(1, self.levels + 1):
            x = getattr(self, f"downConv{n}")(x)
            if n > 1:
                x = F.leaky_relu(getattr(self, f"downBN{n}")(x), 0.2)
            if n in self.sides[0]:
                x = getattr(self, f"attn_{n}")(x)
            kept[n] = x
        x = getattr(self, f"downConv{self.levels + 1}")(x)
        for n in range(self.first, 6):
            level = 6 - n
            x = F.relu(getattr(self, f"upBN{n}")(getattr(self, f"upConv{n}")(x)))
            if level in self.sides[1]:
                x = getattr(self, f"{'' if self.share else 'up_'}attn_{level}")(x)
            if level in self.joined and self.concat:
                pair = (kept[level], x) if level == self.skip_first else (x, kept[level])
                x = torch.cat(pair, 1)
            elif level in self.joined:
                x = kept[level] + x
        return torch.tanh(self.upConv6(x))


class Discriminator(nn.Module):
    """Halving convolutions, then one over two frames and a sigmoid.

    The authors' last leaky ReLU has a slope of 0.01 at 128 pixels, where it is PyTorch's own, and
    0.2 at 64, where that layer is left out.
    """

    def __init__(self, features=2, *, size=128, sn=True, last_slope=0.2):
        super().__init__()
        levels, widths = LEVELS[size], [3, *(features * 2**n for n in range(5))]

        def block(level):
            slope = last_slope if level == levels else 0.2
            module = conv(widths[level - 1], widths[level], HALVE, sn=sn)
            return [module, nn.BatchNorm3d(widths[level]), nn.LeakyReLU(slope)]

        deep = [layer for level in range(4, levels + 1) for layer in block(level)]
        self.slice1 = nn.Sequential(conv(3, features, FIRST, sn=sn), nn.LeakyReLU(0.2))
        self.slice2 = nn.Sequential(*block(2), *block(3))
        self.slice3 = nn.Sequential(*deep)
        self.slice4 = nn.Sequential(conv(widths[levels], 1, WHOLE, sn=sn), nn.Sigmoid())

    def forward(self, clip):
        features = [self.slice1(clip)]
        for part in (self.slice2, self.slice3):
            features.append(part(features[-1]))
        return self.slice4(features[-1]).flatten(1), features


def randomise(network, seed=0):
    """Random weights under which every term counts, and settled spectral vectors."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
            if name.endswith("gamma"):
                tensor.fill_(0.5)
            elif tensor.dim() == 5:
                # Large queries and keys would make maps so sharp that rounding shows.
                gain = 0.2 if "query" in name or "key" in name else 1.0
                tensor.normal_(0, gain / tensor[0].numel() ** 0.5, generator=generator)
            elif name.endswith(("bias", "running_mean")):
                tensor.normal_(0, 0.1, generator=generator)
            elif name.endswith((".weight", "running_var")):  # of a batch norm
                tensor.uniform_(0.5, 1.5, generator=generator)
        for module in network.modules():
            if hasattr(module, "weight_u"):
                _settle(module, steps=3)
    return network


def _settle(module, steps):
    """A few power iterations: fresh vectors would make evaluation explode."""
    kernel = module.weight_orig
    out = 1 if isinstance(module, nn.ConvTranspose3d) else 0
    matrix = kernel.movedim(out, 0).flatten(1)
    for _ in range(steps):
        module.weight_v.copy_(F.normalize(matrix.T @ module.weight_u, dim=0))
        module.weight_u.copy_(F.normalize(matrix @ module.weight_v, dim=0))
