"""How this process uses JAX: the cache of compiled programs, and what is logged."""

import jax
from absl import logging

from ssagan_jax.io.user_folders import cache_folder

CACHE_FOLDER = "jax_compilation_cache_dir"  # of JAX's settings


def set_up_jax() -> None:
    """What the command line and the notebooks do first. Compiled programs are kept between runs,
    in the user's cache unless JAX_COMPILATION_CACHE_DIR says otherwise.
    """
    # Orbax warns of every save without an evaluation, and logs the errors it raises as well.
    logging.set_verbosity(logging.FATAL)
    if not getattr(jax.config, CACHE_FOLDER):
        jax.config.update(CACHE_FOLDER, str(cache_folder("xla")))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)  # small ones too
