#!/usr/bin/env bash
# Boots the lab under a name of its own and kills things at random: soak.sh ROUNDS SEED.
set -uo pipefail
source "$(dirname "$0")/../../deploy/lab/lab.sh"
rounds=${1:-50} seed=${2:-1}
lab_as_root "$rounds" "$seed"
state=$(mktemp -d)
trap 'lab_down $?; rm -rf "$state"' EXIT
trap 'exit 130' INT TERM HUP
lab_prepare grayling-soak
lab_up "$state"
add_targets
export lab_root bin lab_run lab_state lab_vm lab_libvirt lab_daemon_pid
lab_gateway=$(forward_of 8080) || exit 1
export lab_gateway
step "Soak: $rounds rounds, seed $seed"
PYTHONPATH=$lab_root/tests/e2e python3 "$lab_root/tests/soak/soak.py" "$rounds" "$seed"
result=$?
step "Take the lab down"
lab_down $result
exit $result
