#!/usr/bin/env bash
# All tests of the release build: unit and contract tests in parallel, then the lab from end to end.
set -euo pipefail
cd "$(dirname "$0")/.."
export GRAYLING_DATA=${GRAYLING_DATA:-$(cd .. && pwd)/shared/data}
ctest --preset release --no-tests=error -j "$(nproc)"
