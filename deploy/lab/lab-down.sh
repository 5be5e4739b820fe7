#!/usr/bin/env bash
# Ends what lab-up.sh left running.
set -uo pipefail
source "$(dirname "$0")/lab.sh"
mark=$lab_root/build/lab.env
[ -e "$mark" ] || { echo "lab: nothing is up"; exit 0; }
source "$mark"
# The daemon is no child of this shell: ask it to stop and wait until it has.
if [ -n "$lab_daemon_pid" ] && [ "$(cat /proc/"$lab_daemon_pid"/comm 2>/dev/null)" = graylingd ]; then
  kill -TERM "$lab_daemon_pid"
  for _ in $(seq 200); do kill -0 "$lab_daemon_pid" 2>/dev/null || break; sleep 0.1; done
fi
lab_daemon_pid=
lab_down
rm -f "$mark"
echo "lab: down"
