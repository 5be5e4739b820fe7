#!/usr/bin/env bash
# bench-load: the built-in generator beside wrk, each on one core, against the same server on another one.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-10}
sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
command -v wrk >/dev/null || $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends wrk >/dev/null
cmake --build --preset release --target load_bench >/dev/null
bench=build/release/bench/load_bench
out=build/bench/load
mkdir -p "$out"
rm -f "$out/port"  # of an earlier run: it would be read before the server has written its own
taskset -c 1 "$bench" serve >"$out/port" &
server=$!
trap 'kill $server' EXIT
until [ -s "$out/port" ]; do sleep 0.05; done
url=http://127.0.0.1:$(cat "$out/port")

for connections in 10 100 500; do
  taskset -c 0 "$bench" closed "$url" $connections "$seconds" >"$out/closed"
  { TIMEFORMAT='%U %S'; time taskset -c 0 wrk -t1 -c$connections -d"${seconds}s" "$url/items/1" >"$out/wrk"; } 2>"$out/wrk.cpu"
  python3 - "$connections" "$out" <<'PY'
import json, re, sys
connections, out = sys.argv[1:]
ours = json.load(open(f"{out}/closed"))
wrk = open(f"{out}/wrk").read()
rate = float(re.search(r"Requests/sec:\s+([\d.]+)", wrk)[1])
requests = int(re.search(r"(\d+) requests in", wrk)[1])
cpu = 1e6 * sum(map(float, open(f"{out}/wrk.cpu").read().split())) / requests
print(f"closed loop, {connections:>3} connections: {ours['requests_per_second']:7.0f} requests/s, "
      f"{ours['cpu_us_per_request']:5.1f} us CPU each   wrk: {rate:7.0f}, {cpu:5.1f} us   "
      f"ratio {rate / ours['requests_per_second']:.2f} (wrk over ours)")
PY
done
for rate in 1000 5000 10000; do
  taskset -c 0 "$bench" open "$url" $rate "$seconds" | python3 -c "
import json, sys
one = json.load(sys.stdin)
print(f'open loop, {$rate:>5} requests/s asked: {one[\"requests_per_second\"]:7.0f} sent, {one[\"late_percent\"]} % late, '
      f'{one[\"cpu_us_per_request\"]:5.1f} us CPU each, p99 {one[\"p99_ms\"]} ms from the intended start')"
done
