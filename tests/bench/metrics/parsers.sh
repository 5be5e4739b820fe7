#!/usr/bin/env bash
# parsers: the exposition parser beside Prometheus's and VictoriaMetrics's, on the same pages in one
# run and on one core each. The peers come from the Go module proxy, pinned in peers/*/go.mod.
set -euo pipefail
cd "$(dirname "$0")/../../.."
out=build/bench/metrics
mkdir -p "$out"
pages=${GRAYLING_DATA:-../shared/data}/exposition
if [ ! -d "$pages" ]; then
  echo "bench-metrics: the parsers are not compared, there are no pages in $pages; set GRAYLING_DATA" >&2
  exit 0
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
cmake --build --preset release --target parser_bench
echo "bench-metrics: building the peers' parsers with $(go version | cut -d' ' -f3)"
for peer in prometheus victoriametrics; do
  # In a copy, where go writes down what the pinned module needs in its turn.
  rm -rf "${out:?}/$peer" && cp -r "tests/bench/metrics/peers/$peer" "$out/$peer"
  (cd "$out/$peer" && go build -mod=mod -buildvcs=false -o "../$peer-parser" .)
done
build/release/bench/parser_bench --benchmark_min_time=1 --benchmark_out="$out/parsers.json" \
  --benchmark_out_format=json "${files[@]}"
for peer in prometheus victoriametrics; do
  GOMAXPROCS=1 "$out/$peer-parser" "${files[@]}" >"$out/$peer-parser.json"
done
python3 -B tests/bench/metrics/compare_parsers.py build/bench/metrics.json "$out/parsers.json" \
  "$out/prometheus-parser.json" "$out/victoriametrics-parser.json"
