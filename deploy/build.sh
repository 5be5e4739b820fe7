#!/usr/bin/env bash
# Configures and builds one preset (default: release) with Ninja; ccache is used where it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
start=$SECONDS
cmake --preset "$preset" >"/tmp/grayling-configure.$$.log" 2>&1 || { cat "/tmp/grayling-configure.$$.log" >&2; rm -f "/tmp/grayling-configure.$$.log"; exit 1; }
rm -f "/tmp/grayling-configure.$$.log"
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
NINJA_STATUS='build: [%f/%t %es] ' cmake --build --preset "$preset" -- -j "${GRAYLING_JOBS:-$(nproc)}"
echo "build: $preset ready in $((SECONDS - start)) s"
