#!/bin/sh
# In a container the processor's programs are compiled into a volume, if there is one.
set -eu
if [ -d /cache ] && [ -w /cache ]; then
  export XDG_CACHE_HOME=/cache
fi
exec ssagan "$@"
