"""Metrics with made-up networks in place of those that need weights."""

from tests.helpers.made_up_networks import made_up

__all__ = ["made_up"]
