"""``python -m ssagan_jax.cli``: the command line, without its script."""

import sys

from ssagan_jax.cli.main import main

sys.exit(main())
