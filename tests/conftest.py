"""Settings every test shares."""

import os

# Before JAX is imported: tests run on the CPU.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from jaxtyping import install_import_hook

# Shapes in the public signatures are checked while tests run.
install_import_hook("ssagan_jax", "beartype.beartype").__enter__()
