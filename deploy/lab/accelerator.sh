#!/usr/bin/env bash
# Prints "kvm" when KVM really boots a kernel on this machine, else "tcg".
# A /dev/kvm that opens is not enough: some virtual machines offer one that never runs a guest.
# Usage: accelerator.sh IMAGE_DIR
set -uo pipefail

image=${1:?usage: accelerator.sh IMAGE_DIR}
if [ ! -w /dev/kvm ]; then
  echo tcg
  exit 0
fi
console=$(mktemp)
exec 2>/dev/null  # the shell's own word about a QEMU that aborted
qemu-system-x86_64 -machine q35,accel=kvm -cpu host -m 512 -display none -no-reboot -nodefaults \
  -serial "file:$console" -kernel "$image/vmlinuz" -append 'console=ttyS0 panic=-1' >/dev/null 2>&1 &
guest=$!
answer=tcg
for _ in $(seq 40); do
  if grep -q 'Linux version' "$console" 2>/dev/null; then answer=kvm; break; fi
  kill -0 "$guest" 2>/dev/null || break
  sleep 0.2
done
kill -9 "$guest" 2>/dev/null
wait "$guest" 2>/dev/null
rm -f "$console"
echo "$answer"
