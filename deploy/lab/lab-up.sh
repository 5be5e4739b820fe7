#!/usr/bin/env bash
# Boots the lab and leaves it running: VM, services, daemon, scrape targets. lab-down.sh ends it.
set -uo pipefail
source "$(dirname "$0")/lab.sh"
lab_as_root "$@"
mark=$lab_root/build/lab.env
[ -e "$mark" ] && fail "the lab is up already, or was left behind: run make lab-down first"
trap 'echo; echo "lab: not brought up; cleaning up"; lab_down 1' EXIT
trap 'exit 130' INT TERM HUP
lab_prepare lab
lab_up "$lab_root/build/lab/state"
add_targets
declare -p lab_run lab_vm lab_daemon_pid lab_pids lab_domains >"$mark"
trap - EXIT
cat <<TXT

The lab is up. In this shell:
  export GRAYLING_DAEMON=$GRAYLING_DAEMON
  build/release/bin/grayling service list lab
Gateway: http://127.0.0.1:$(forward_of 8080)/api/vet/vets   daemon's metrics: http://$lab_metrics/metrics
End it with: make lab-down
TXT
