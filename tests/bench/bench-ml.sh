#!/usr/bin/env bash
# bench-ml: the trainer's and detector's speed beside its peers, in one run; ratios are what counts.
# Peers live in build/bench/venv (PyPI, pinned) and Debian's python3-torch; none is a dependency.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/bench/ml
mkdir -p "$out"

if ! /usr/bin/python3 -c "import torch, venv" 2>/dev/null; then
  echo "bench-ml: installing the peers python3-torch and python3-venv with apt"
  sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    python3-torch python3-venv >"$out/apt.log" 2>&1 || { tail -5 "$out/apt.log" >&2; exit 1; }
fi
if [ ! -x build/bench/venv/bin/python ]; then /usr/bin/python3 -m venv build/bench/venv; fi
build/bench/venv/bin/pip install -q -r tests/bench/ml/requirements.txt

cmake --preset release >/dev/null
cmake --build --preset release --target ml_bench
rm -f "$out"/*.json
build/release/bench/ml_bench "$out/data" --benchmark_out="$out/ours.json" --benchmark_out_format=json \
  --benchmark_min_time=0.5
echo "bench-ml: the peers"
build/bench/venv/bin/python tests/bench/ml/peers.py "$out/data" "$out/peers.json"
/usr/bin/python3 tests/bench/ml/torch_peer.py "$out/torch.json" 6400 60 24 64 64
python3 tests/bench/ml/compare.py "$out" build/bench/ml.json
