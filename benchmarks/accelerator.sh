#!/usr/bin/env bash
# What docs/benchmarks.md lacks, measured on a machine with a GPU or TPU, a part at a time:
#
#   bash benchmarks/accelerator.sh PART [--device=cuda]
#
#   smoke        trains, goes on, scores and animates; values beside the processor's
#   step         the paper's model, both recipes, three precisions, beside the authors' step in
#                PyTorch, eager and compiled (where PyTorch is installed)
#   attention    plain, blockwise, jax.nn's and cuDNN's, by kind
#   convolution  every convolution of the networks by itself
#   utilisation  the share of the matrix rate that the step uses
#   train        the paper's configuration on painted clips for some minutes; samples in $OUT
#
# Each part takes less than nine minutes, prints tables ready for the docs and downloads nothing. A step that
# fails or takes too long is named, and the next one runs; the exit status is then 1.
set -u
cd "$(dirname "$0")/.." || exit
part=${1:?expected a part: smoke, step, attention, convolution, utilisation, train}
device=${2:---device=cuda}
out=${OUT:-$(mktemp -d)}
failed=()
started=$SECONDS

measure() { # measure SECONDS NAME COMMAND...: at most so long
  local limit=$1 name=$2
  shift 2
  printf '\n## %s\n\n`%s`\n\n' "$name" "$*"
  if ! timeout "$limit" "$@"; then
    failed+=("$name")
    printf '\nFAILED: %s (of %s s at most)\n' "$name" "$limit"
  fi
}

py() { # py SECONDS NAME MODULE ARGUMENTS...
  local limit=$1 name=$2 module=$3
  shift 3
  measure "$limit" "$name" python3 -m "benchmarks.$module" "$@"
}

python3 -c "
import jax, platform
d = jax.devices()
print(f'{len(d)} x {d[0].device_kind}, jax {jax.__version__}, Python {platform.python_version()}')"

case "$part" in
  smoke)
    case "$device" in
      --device=cpu) py 500 "Smoke" smoke --device=cpu ;;
      *) py 500 "Smoke" smoke ;;
    esac
    ;;
  step)
    for precision in float32 tf32 bfloat16; do
      for recipe in author poster; do
        py 85 "Step, $recipe, $precision" step "$device" --size=128 --frames=32 --features=32 \
          --batch=16 --recipe="$recipe" --precision="$precision" --compile --repeats=5 --limit=40 \
          --json="$out/step_${recipe}_$precision.json"
      done
    done
    ;;
  attention)
    for precision in float32 bfloat16; do
      py 250 "Attention, $precision" attention "$device" --precision="$precision" --batch=4 \
        --limit=30 --json="$out/attention_$precision.json"
    done
    ;;
  convolution)
    for precision in float32 bfloat16; do
      py 250 "Convolutions, $precision" convolution "$device" --precision="$precision" --batch=4 \
        --limit=20 --repeats=5 --json="$out/convolution_$precision.json"
    done
    ;;
  utilisation)
    for precision in float32 bfloat16; do
      py 250 "Utilisation, $precision" utilisation --config="precision=$precision"
    done
    ;;
  train)
    measure 420 "Train" python3 -m ssagan_jax.cli train --config=ssagan --workdir="$out/train" \
      --config.precision=bfloat16 --config.num_steps=400 --config.sample_every=100 \
      --config.eval_clips=32 --config.log_every=20 --config.checkpoint_every=200
    ;;
  *)
    echo "Unknown part \"$part\": expected smoke, step, attention, convolution, utilisation or train." >&2
    exit 2
    ;;
esac

printf '\n%s: %s s' "$part" "$((SECONDS - started))"
if [ "${#failed[@]}" -gt 0 ]; then
  printf '; failed: %s\n' "$(IFS=,; echo "${failed[*]}")"
  exit 1
fi
printf '; nothing failed\n'
