"""Recipes, a file each: ``ssagan train --config=NAME`` (installed as ``ssagan_jax.configs``)."""
