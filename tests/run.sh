#!/usr/bin/env bash
# All tests of the release build: unit and contract tests in parallel, then the lab from end to end.
set -euo pipefail
cd "$(dirname "$0")/.."
export GRAYLING_DATA=${GRAYLING_DATA:-$(cd .. && pwd)/shared/data}
# The lab's image, before any test's time limit runs.
PATH=$PATH:/usr/sbin:/sbin
if [ "$(id -u)" -eq 0 ]; then deploy/lab/build-image.sh "${GRAYLING_CACHE:-/var/cache/grayling}" >/dev/null; fi
ctest --preset release --no-tests=error -j "$(nproc)"
