#!/usr/bin/env bash
# Boots the lab under a name of its own, runs test_lab.py against it, and takes it down again.
set -uo pipefail
source "$(dirname "$0")/../../deploy/lab/lab.sh"
trap lab_down EXIT
trap 'exit 130' INT TERM HUP
state=$(mktemp -d)
lab_up grayling-e2e "$state"
add_targets
export lab_root bin lab_run lab_state=$state lab_vm lab_libvirt lab_daemon_pid lab_metrics
export lab_gateway; lab_gateway=$(forward_of 8080)
step "End-to-end tests"
python3 "$lab_root/tests/e2e/test_lab.py" -v
result=$?
# The test that kills the daemon started it anew: end that one.
if [ -s "$lab_run/daemon.pid" ]; then lab_daemon_pid=$(cat "$lab_run/daemon.pid"); kill -TERM "$lab_daemon_pid" 2>/dev/null; fi
for _ in $(seq 100); do [ -e "/proc/$lab_daemon_pid" ] || break; sleep 0.1; done
step "Take the lab down"
lab_down
rm -rf "$state"
left=$(virsh -c "$lab_libvirt" list --all --name 2>/dev/null | grep -c grayling-e2e)
[ "$left" = 0 ] || { echo "e2e: the domain was left behind"; result=1; }
exit $result
