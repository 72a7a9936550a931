"""SSA-GAN in JAX: one landscape photo in, a moving time-lapse clip out."""

__version__ = "0.1.0"
