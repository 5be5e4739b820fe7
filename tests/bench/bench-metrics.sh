#!/usr/bin/env bash
# bench-metrics: the exposition parser beside Prometheus's and VictoriaMetrics's, on the same pages in
# one run; ratios are what counts. The peers come from the Go module proxy, pinned in peers/*/go.mod.
# Then, where it is there, the end-to-end part.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/bench/metrics
mkdir -p "$out"
pages=${GRAYLING_DATA:-../shared/data}/exposition
if [ ! -d "$pages" ]; then
  echo "bench-metrics: no pages in $pages; set GRAYLING_DATA" >&2
  exit 1
fi
files=("$pages/node_exporter/e2e-output.txt" "$pages/prometheus/alltypes.237mfs.prom.txt"
       "$pages/prometheus/alltypes.237mfs.nometa.prom.txt"
       "$pages/synthetic/gala-gopher-like.prom.txt")
if ! command -v go >/dev/null; then
  echo "bench-metrics: installing golang-go with apt"
  sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go \
    >"$out/apt.log" 2>&1 || { tail -5 "$out/apt.log" >&2; exit 1; }
fi
cmake --preset release >/dev/null
cmake --build --preset release --target parser_bench
peers=()
for peer in prometheus victoriametrics; do
  echo "bench-metrics: building the peer $peer"
  if (cd "tests/bench/metrics/peers/$peer" &&
      GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o "$OLDPWD/$out/$peer" .) 2>"$out/$peer.log"; then
    peers+=("$peer")
  else  # VictoriaMetrics wants a newer Go than Debian 12 has
    echo "bench-metrics: $peer is left out, it cannot be built: $(tail -1 "$out/$peer.log")" >&2
  fi
done
build/release/bench/parser_bench --benchmark_min_time=1 --benchmark_out="$out/ours.json" \
  --benchmark_out_format=json "${files[@]}"
reports=()
for peer in "${peers[@]}"; do
  echo "bench-metrics: $peer, on one core"
  GOMAXPROCS=1 "$out/$peer" "${files[@]}" >"$out/$peer.json"
  reports+=("$out/$peer.json")
done
python3 tests/bench/metrics/compare_parsers.py build/bench/metrics-parser.json "$out/ours.json" \
  "${reports[@]}"
if [ -x tests/bench/metrics/end_to_end.sh ]; then tests/bench/metrics/end_to_end.sh; fi
