"""How this process uses JAX."""

import jax

from ssagan_jax.distributed.jax_setup import set_up_jax
from ssagan_jax.io.user_folders import cache_folder


def test_compiled_programs_are_kept_small_ones_too(tmp_path):
    wanted = {
        "jax_compilation_cache_dir": str(cache_folder("xla")),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in wanted}
    try:
        jax.config.update("jax_compilation_cache_dir", None)
        set_up_jax()
        assert {name: getattr(jax.config, name) for name in wanted} == wanted
        jax.config.update("jax_compilation_cache_dir", str(tmp_path))  # from the environment
        set_up_jax()
        assert jax.config.jax_compilation_cache_dir == str(tmp_path)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
