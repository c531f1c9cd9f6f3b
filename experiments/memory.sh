#!/bin/bash
# Measures the memory that scalemodel and analyze estimate: the largest address space (VmPeak) and
# the most memory (VmHWM) of runs in virtual time, of reading their manifests, and of an analysis.
#
#   experiments/memory.sh [DIRECTORY OF THE TOOLS]        (.build/release without it)
#
# A machine takes the difference of two rows over that of their machines; a channel of a snapshot
# that of the rows with snapshots, over n (n - 1). The figures stand in MemoryEstimate.swift,
# JSONText.swift and RecordedRun.swift.
set -euo pipefail
tools=$(cd "${1:-$(dirname "$0")/../.build/release}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Runs a tool, and prints the last of what /proc says of it.
measure() {
  local name=$1 status=
  shift
  "$@" > /dev/null 2>&1 &
  local process=$!
  while kill -0 $process 2>/dev/null; do
    now=$(awk '/^VmPeak|^VmHWM/ { printf "%s %d MB  ", $1, $2 / 1024 }' \
      "/proc/$process/status" 2>/dev/null || true)
    [ -z "$now" ] || status=$now
    sleep 0.01
  done
  wait $process || true
  printf '%-60s %s\n' "$name" "$status"
}

run() {
  measure "run $*" "$tools/scalemodel" run --runtime virtual --seed 1 --output run --force "$@"
}

run --rates 2,3 --duration 1s --journal off
for machines in 100000 200000 400000; do
  run --machines $machines --topology ring --duration 2ms --journal off
  measure "read its manifest" "$tools/analyze" run
done
for machines in 256 512 1024; do
  run --machines $machines --duration 10ms --journal off --snapshot-at 5ms
done
for machines in 5000 20000; do
  run --machines $machines --topology ring --duration 300ms
  measure "analyze --check" "$tools/analyze" run --check
done
