#!/bin/sh
# Installs the package for one kind of accelerator: docker/install.sh KIND WHEEL
#   KIND   cpu; cuda (the libraries come with JAX's wheels, the driver is the host's); tpu
#   WHEEL  a wheel of the package, or the folder of a checkout
# Extras: EXTRAS=gcs,hub (default: gcs,demo). PIP_CONSTRAINT and the like hold.
set -eu
case "$1" in
  cpu) jax=jax ;;
  cuda) jax='jax[cuda12]' ;;
  tpu) jax='jax[tpu]' ;;
  *)
    echo "Unknown kind \"$1\": expected cpu, cuda or tpu." >&2
    exit 2
    ;;
esac
pip install "$2[${EXTRAS-gcs,demo}]" "$jax"
