#!/usr/bin/env bash
# Builds the lab guest's base image: Debian 12, Docker, guest agent, node exporter.
# Usage: build-image.sh CACHE_DIR
# Prints the image folder on stdout (base.raw, vmlinuz, initrd.img); progress goes to stderr.
# The folder's name carries a hash of this script and of the package list: a change makes a new image.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${1:?usage: build-image.sh CACHE_DIR}
hash=$(cat "$here/build-image.sh" "$here/guest-packages.txt" | sha256sum | cut -c1-12)
image=$cache/guest-$hash
disk_size=2200M

if [ -f "$image/complete" ]; then
  echo "$image"
  exit 0
fi

mkdir -p "$cache"
exec 9>"$cache/build.lock"
flock 9
if [ -f "$image/complete" ]; then
  echo "$image"
  exit 0
fi

work=$(mktemp -d "$cache/building.XXXXXX")
trap 'rm -rf "$work"' EXIT
packages=$(grep -v '^#' "$here/guest-packages.txt" | paste -sd,)
root=$work/root

echo "lab image: installing Debian packages into a folder (about 2 minutes)" >&2
mmdebstrap --variant=minbase --include="$packages" \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root" >&2

echo "lab image: configuring" >&2
echo lab >"$root/etc/hostname"
printf '127.0.0.1 localhost lab\n' >"$root/etc/hosts"
printf '/dev/vda / ext4 rw,noatime 0 1\n/dev/vdb /opt/grayling ext4 ro,nofail 0 0\n' >"$root/etc/fstab"
mkdir -p "$root/opt/grayling"
printf '[Match]\nName=en*\n[Network]\nDHCP=yes\nLinkLocalAddressing=no\n' >"$root/etc/systemd/network/20-wired.network"
printf 'nameserver 10.0.2.3\n' >"$root/etc/resolv.conf"
mkdir -p "$root/etc/docker"
printf '{"log-driver":"none","live-restore":false,"bip":"172.30.0.1/24"}\n' >"$root/etc/docker/daemon.json"
# A full node_exporter scrape costs a second under emulation: keep to the collectors that are read.
printf 'ARGS="--collector.disable-defaults --collector.cpu --collector.meminfo --collector.loadavg --collector.netdev --collector.diskstats --collector.pressure --web.disable-exporter-metrics"\n' \
  >"$root/etc/default/prometheus-node-exporter"
cat >"$root/etc/systemd/system/grayling-lab.service" <<'UNIT'
[Unit]
Description=Start the lab application from the payload disk
After=docker.service opt-grayling.mount
Requires=docker.service opt-grayling.mount
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/grayling/start-lab
[Install]
WantedBy=multi-user.target
UNIT
cat >"$root/etc/systemd/system/grayling-probe.service" <<'UNIT'
[Unit]
Description=Metrics of containers and links for Grayling
After=opt-grayling.mount
Requires=opt-grayling.mount
[Service]
ExecStart=/opt/grayling/grayling-probe serve --listen 0.0.0.0:9435
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
UNIT
for unit in systemd-networkd docker qemu-guest-agent prometheus-node-exporter grayling-lab grayling-probe; do
  systemctl --root="$root" enable "$unit" >&2
done
systemctl --root="$root" mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  e2scrub_all.timer fstrim.timer systemd-timesyncd.service >&2
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*

echo "lab image: making the disk" >&2
cp -L "$root/vmlinuz" "$work/vmlinuz"
cp -L "$root/initrd.img" "$work/initrd.img"
truncate -s "$disk_size" "$work/base.raw"
mkfs.ext4 -q -F -d "$root" "$work/base.raw"
rm -rf "$root"
chmod 755 "$work"
chmod 644 "$work"/*
touch "$work/complete"
rm -rf "$image"
mv "$work" "$image"
trap - EXIT
echo "lab image: ready" >&2
echo "$image"
