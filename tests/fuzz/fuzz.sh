#!/usr/bin/env bash
# fuzz.sh SECONDS: builds the fuzzers with clang and runs one after the other, each with an equal part
# of the seconds. What they learn stays in build/fuzz/corpus; a finding stops the run and leaves its
# input in build/fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-300}
out=build/fuzz
(cd tests/fuzz && cmake --preset fuzz >/dev/null && cmake --build --preset fuzz)
mkdir -p "$out/findings"
fuzzers=("$out"/*_fuzzer)
each=$((seconds / ${#fuzzers[@]}))
runs=0
for fuzzer in "${fuzzers[@]}"; do
  name=$(basename "$fuzzer" _fuzzer)
  corpus=$out/corpus/$name
  mkdir -p "$corpus"
  seeds=()
  if [ -d "tests/fuzz/seeds/$name" ]; then seeds=("tests/fuzz/seeds/$name"); fi
  echo "fuzz: $name for ${each:-1} s"
  if ! "$fuzzer" -max_total_time="$((each > 0 ? each : 1))" -timeout=10 -rss_limit_mb=2048 \
      -print_final_stats=1 -artifact_prefix="$out/findings/$name-" "$corpus" "${seeds[@]}" \
      >"$out/$name.log" 2>&1; then
    tail -40 "$out/$name.log" >&2
    echo "fuzz: $name has a finding; its input is in $out/findings" >&2
    exit 1
  fi
  done_runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log")
  runs=$((runs + done_runs))
done
echo "fuzz: ${#fuzzers[@]} fuzzers, $runs runs, no finding"
