#!/usr/bin/env bash
# bench-faults: faults through graylingd beside the same faults by the shell scripts that people write, in one lab.
set -uo pipefail
source "$(dirname "$0")/../../deploy/lab/lab.sh"
lab_as_root "$@"
out=$lab_root/build/bench/faults
mkdir -p "$out/stubs"
cd "$lab_root"
/usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null ||
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv >"$out/apt.log" 2>&1
[ -x "$out/venv/bin/python" ] || /usr/bin/python3 -m venv "$out/venv"
"$out/venv/bin/pip" install -q -r tests/bench/faults/requirements.txt || fail "the Python client's packages could not be installed"
"$out/venv/bin/python" -m grpc_tools.protoc -I proto --python_out="$out/stubs" --grpc_python_out="$out/stubs" \
  proto/grayling/v1/*.proto || fail "the stubs could not be generated"
cmake --build --preset release --target schedule_bench >/dev/null || fail "schedule_bench does not build"

state=$(mktemp -d)
trap 'lab_down $?; rm -rf "$state"' EXIT
trap 'exit 130' INT TERM HUP
lab_prepare grayling-bench
lab_up "$state"
add_targets
step "Measure"
build/release/bench/schedule_bench >"$out/schedule.json" || fail "schedule_bench failed"
PYTHONPATH=$out/stubs "$out/venv/bin/python" tests/bench/faults/bench_faults.py "$GRAYLING_DAEMON" "$lab_vm" \
  "$out/schedule.json" build/bench/faults.json
result=$?
lab_down $result
exit $result
