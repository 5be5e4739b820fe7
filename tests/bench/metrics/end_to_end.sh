#!/usr/bin/env bash
# end_to_end: samples from page to disk in graylingd, beside Debian's Prometheus and VictoriaMetrics.
# SECONDS, TARGETS and SERIES of the environment shorten it.
set -euo pipefail
# Bash counts in a variable of that name.
stream_seconds=$(printenv SECONDS || true)
cd "$(dirname "$0")/../../.."
out=build/bench/metrics
mkdir -p "$out"
if ! command -v go prometheus victoria-metrics >"$out/programs"; then
  echo "bench-metrics: installing the peers prometheus, victoria-metrics and golang-go with apt"
  sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    prometheus victoria-metrics golang-go >"$out/apt.log" 2>&1 || { tail -5 "$out/apt.log" >&2; exit 1; }
fi
go build -o "$out/page_server" tests/bench/metrics/page_server/main.go
exec env SECONDS="${stream_seconds:-600}" python3 -B tests/bench/metrics/end_to_end.py "$out/page_server" build/bench/metrics.json
