#!/usr/bin/env bash
# Ends what lab-up.sh left running.
set -uo pipefail
source "$(dirname "$0")/lab.sh"
lab_as_root "$@"
mark=$lab_root/build/lab.env
[ -e "$mark" ] || { echo "lab: nothing is up"; exit 0; }
source "$mark"
lab_down
rm -f "$mark"
echo "lab: down"
