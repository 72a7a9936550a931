"""The peer: the authors' training step in PyTorch, our own expression of what their code does.

Of the released stage-1 trainer (GitHub, UdonDa's SSA-GAN): eager, every pass by itself, in this
order: discriminator on real clips, generator, discriminator on fake clips, on mixed ones for the
gradient penalty; gradients of both networks cleared; backward; Adam. The fake clip is not
detached, so the backward pass also computes gradients of the generator, which nobody uses. Every
fifth batch the generator is run again and updated, which likewise computes unused gradients of the
discriminator. Their evaluation, logging and data loader are left out, and SSIM takes all frames at
once where they loop over them.
"""

import torch
from torch.nn import functional as F

from benchmarks import torch_networks

WINDOW = 11  # of SSIM, pixels


def generator(*, size, frames, features):
    """The released 128-pixel generator, or its like of another size.

    Spectral norm, joined skips, attention with one map for all frames at every level, c_cal 1.
    """
    everywhere = range(1, len(torch_networks.ladder(size, frames)[0]) + 1)
    places = dict(encoder=everywhere, decoder=everywhere)
    return torch_networks.Generator(features, size=size, frames=frames, c_cal=1, **places)


def discriminator(*, size, frames, features):
    """The one it is trained with."""
    return torch_networks.Discriminator(features, size=size, frames=frames, last_slope=0.01)


class Author:
    """Both networks in training mode, with their optimizers."""

    def __init__(self, generator, discriminator):
        self.generator, self.discriminator = generator.train(), discriminator.train()
        self.g_optimizer, self.d_optimizer = (
            torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.9))
            for network in (generator, discriminator)
        )

    @classmethod
    def of(cls, *, device="cpu", **shape):
        """With the networks of a clip's size: see ``generator``."""
        return cls(generator(**shape).to(device), discriminator(**shape).to(device))

    def step(self, real, *, update_generator):
        """A step on real clips, [batch, 3, time, height, width] in [-1, 1]; every loss."""
        losses = self.update_discriminator(real)
        return losses | self.update_generator(real) if update_generator else losses

    def update_discriminator(self, real):
        on_real = self.discriminator(real)[0]
        fake = self.generator(real[:, :, 0])
        on_fake = self.discriminator(fake)[0]
        wasserstein = on_fake.mean() - on_real.mean()
        penalty = self.gradient_penalty(real, fake.detach())
        self.zero_grad()
        (wasserstein + 10 * penalty).backward()
        self.d_optimizer.step()
        return {"d/wasserstein": wasserstein.item(), "d/gradient_penalty": penalty.item()}

    def update_generator(self, real):
        fake = self.generator(real[:, :, 0])
        wasserstein = -self.discriminator(fake)[0].mean()
        l1, similarity = (fake - real).abs().mean(), ssim(real, fake)
        self.zero_grad()
        (wasserstein + l1 + 1 - similarity).backward()
        self.g_optimizer.step()
        return {
            "g/wasserstein": wasserstein.item(),
            "g/l1": l1.item(),
            "g/ssim": 1 - similarity.item(),
        }

    def zero_grad(self):
        self.g_optimizer.zero_grad()
        self.d_optimizer.zero_grad()

    def gradient_penalty(self, real, fake):
        between = (real + self.mixing_weights(real) * (fake - real)).requires_grad_()
        score = self.discriminator(between)[0]
        [slope] = torch.autograd.grad(score, between, torch.ones_like(score), create_graph=True)
        return (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def mixing_weights(self, real):
        """One a clip, from 0 (real) to 1 (fake)."""
        return torch.rand(len(real), 1, 1, 1, 1, device=real.device)


def ssim(real, fake):
    """Wang et al. 2004, of each channel of each frame, averaged; L from the real clips."""
    places = torch.arange(WINDOW, device=real.device)
    line = torch.exp(-((places - WINDOW // 2) ** 2) / (2 * 1.5**2))
    window = torch.outer(line, line).expand(3, 1, -1, -1) / line.sum() ** 2
    span = 2 if real.min() < -0.5 else 1
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    real, fake = (clip.transpose(1, 2).flatten(0, 1) for clip in (real, fake))  # frames as batch

    def mean(x):
        return F.conv2d(x, window, groups=3)

    a, b = mean(real), mean(fake)
    aa, bb, ab = mean(real * real) - a * a, mean(fake * fake) - b * b, mean(real * fake) - a * b
    return ((2 * a * b + c1) * (2 * ab + c2) / ((a * a + b * b + c1) * (aa + bb + c2))).mean()
