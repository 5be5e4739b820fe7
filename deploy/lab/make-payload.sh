#!/usr/bin/env bash
# Makes the lab guest's read-only payload disk: grayling-probe, start-lab, the container image of the
# lab application and its seeded databases. Takes a few seconds; progress goes to stderr.
# Usage: make-payload.sh BUILD_DIR OUT.ext4
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: make-payload.sh BUILD_DIR OUT.ext4}
out=${2:?usage: make-payload.sh BUILD_DIR OUT.ext4}
service=$build/bin/grayling-lab-service
probe=$build/bin/grayling-probe

say() { echo "lab payload: $*" >&2; }
for program in "$service" "$probe"; do
  [ -x "$program" ] || { say "$program is missing; build it first (deploy/build.sh release)"; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/rootfs
disk=$work/disk
mkdir -p "$disk/data" "$root/usr/bin" "$root/etc" "$root/data" "$root/tmp" "$root/lib64"

say "container image: the program and the shared libraries that it needs"
cp "$service" "$root/usr/bin/"
strip "$root/usr/bin/grayling-lab-service"
# Of "libx.so => /path/libx.so (0x..)" the path; of "/lib64/ld-linux-x86-64.so.2 (0x..)" the path.
ldd "$service" | awk '$2 == "=>" && $3 ~ /^\// {print $3} $1 ~ /^\// {print $1}' |
  while read -r library; do cp -L --parents "$library" "$root"; done
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/usr/bin/false\n' >"$root/etc/passwd"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf "$disk/rootfs.tar" .
sha256sum "$disk/rootfs.tar" | cut -c1-12 >"$disk/rootfs.id"

say "databases: seeding"
for role in customers-service visits-service vets-service; do
  "$service" --role "$role" --data "$disk/data" --seed-only
done

say "disk: $(du -sm "$disk" | cut -f1) MB"
install -m 755 "$here/start-lab" "$probe" "$disk/"
find "$disk" -exec touch -h -d @0 {} +
size_mib=$(($(du -sm "$disk" | cut -f1) + 16))
rm -f "$out.part"
truncate -s "${size_mib}M" "$out.part"
# Fixed identifiers and times, no journal: the same input makes the same disk.
E2FSPROGS_FAKE_TIME=1 mkfs.ext4 -q -F -b 4096 -m 0 -O ^has_journal \
  -U 67726179-0000-4000-8000-000000000001 \
  -E root_owner=0:0,hash_seed=67726179-0000-4000-8000-000000000002 -d "$disk" "$out.part" >&2
chmod 644 "$out.part"
mv "$out.part" "$out"
say "ready: $out"
