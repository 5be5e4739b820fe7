# Functions that bring the lab up and down. Sourced by demo.sh, lab-up.sh and tests/e2e/run.sh.
# After lab_up: $bin, $lab_state, $lab_run, $GRAYLING_DAEMON, $lab_metrics; lab_down ends it all.

lab_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$lab_root/build/release/bin
if [ "$(id -u)" -eq 0 ]; then
  lab_cache=${GRAYLING_CACHE:-/var/cache/grayling}
  lab_libvirt=qemu:///system
else
  lab_cache=${GRAYLING_CACHE:-$HOME/.cache/grayling}
  lab_libvirt=qemu:///session
fi
lab_started=$SECONDS
lab_pids=()   # daemons of libvirt that we started ourselves
lab_daemon_pid=
lab_run=
lab_vm=

step() { printf '\n[%3d:%02d] %s\n' $(((SECONDS - lab_started) / 60)) $(((SECONDS - lab_started) % 60)) "$*"; }
fail() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# Debian's libvirtd and virtlogd, by hand where no init system started them. Session mode starts its own.
start_libvirt() {
  [ "$lab_libvirt" = qemu:///system ] || return 0
  if virsh -c "$lab_libvirt" version >/dev/null 2>&1; then return 0; fi
  mkdir -p /run/libvirt "$lab_cache"
  exec 8>"$lab_cache/libvirt.lock"
  if ! pgrep -x virtlogd >/dev/null; then
    setsid virtlogd >"$lab_run/virtlogd.log" 2>&1 8>&- & lab_pids+=($!)
  fi
  if ! pgrep -x libvirtd >/dev/null; then
    setsid libvirtd >"$lab_run/libvirtd.log" 2>&1 8>&- & lab_pids+=($!)
  fi
  for _ in $(seq 100); do
    virsh -c "$lab_libvirt" version >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  fail "libvirtd does not answer on $lab_libvirt; its log is $lab_run/libvirtd.log"
}

# start_daemon STATE_DIR: starts graylingd and waits for its socket.
start_daemon() {
  lab_state=$1
  mkdir -p "$lab_state"
  export GRAYLING_DAEMON=unix://$lab_run/graylingd.sock
  "$bin/graylingd" --state "$lab_state" --socket "$lab_run/graylingd.sock" --libvirt "$lab_libvirt" \
    --metrics 127.0.0.1:0 --ready-file "$lab_run/ready" >>"$lab_run/graylingd.log" 2>&1 8>&- &
  lab_daemon_pid=$!
  for _ in $(seq 100); do
    if [ -s "$lab_run/ready" ]; then
      lab_metrics=$(cat "$lab_run/ready")
      return 0
    fi
    kill -0 "$lab_daemon_pid" 2>/dev/null || { cat "$lab_run/graylingd.log" >&2; fail "graylingd ended at start"; }
    sleep 0.1
  done
  fail "graylingd is not ready after 10 s; its log is $lab_run/graylingd.log"
}

stop_daemon() {
  [ -n "$lab_daemon_pid" ] || return 0
  kill -TERM "$lab_daemon_pid" 2>/dev/null
  wait "$lab_daemon_pid" 2>/dev/null
  lab_daemon_pid=
  rm -f "$lab_run/ready"
}

# lab_files: the guest's image, its payload disk and a fresh overlay, under $lab_run.
lab_files() {
  step "Lab image"
  lab_image=$("$lab_root/deploy/lab/build-image.sh" "$lab_cache") || fail "the lab image could not be built"
  echo "image: $lab_image"
  "$lab_root/deploy/lab/make-payload.sh" "$lab_root/build/release" "$lab_run/payload.ext4" || fail "the payload disk could not be made"
  qemu-img create -q -f qcow2 -F raw -b "$lab_image/base.raw" "$lab_run/overlay.qcow2" || fail "no overlay disk"
  if [ "$(id -u)" -eq 0 ]; then chmod 666 "$lab_run/overlay.qcow2"; fi
  lab_accelerator=$("$lab_root/deploy/lab/accelerator.sh" "$lab_image")
  echo "accelerator: $lab_accelerator"
}

# lab_up VM STATE_DIR: everything from nothing to four services that answer.
lab_up() {
  lab_vm=$1
  mkdir -p "$lab_cache/runs"
  chmod 755 "$lab_cache" "$lab_cache/runs"
  lab_run=$(mktemp -d "$lab_cache/runs/$lab_vm.XXXXXX")
  chmod 755 "$lab_run"
  lab_files
  step "Start libvirt and graylingd"
  start_libvirt
  start_daemon "$2"
  step "Boot the VM ($lab_accelerator)"
  "$bin/grayling" vm define "$lab_vm" --kernel "$lab_image/vmlinuz" --initrd "$lab_image/initrd.img" \
    --append 'root=/dev/vda rw console=ttyS0 quiet mitigations=off apparmor=0 thash_entries=1024' \
    --disk "$lab_run/overlay.qcow2" --payload "$lab_run/payload.ext4" --memory-mib 2048 --vcpus 2 \
    --accelerator "$lab_accelerator" --console "$lab_run/console.log" \
    --forward 8080 --forward 8081 --forward 8082 --forward 8083 --forward 9100 --forward 9435 >/dev/null || exit 1
  "$bin/grayling" vm start "$lab_vm" || exit 1
  wait_for_services
}

# The forward of a guest port, from the daemon.
forward_of() {
  "$bin/grayling" --output json vm get "$lab_vm" |
    python3 -c 'import json,sys; print(next(f["hostPort"] for f in json.load(sys.stdin)["spec"]["forwards"] if f["guestPort"]==int(sys.argv[1])))' "$1"
}

wait_for_services() {
  local gateway; gateway=$(forward_of 8080) || fail "the VM has no forward of port 8080"
  local start=$SECONDS path
  for path in /api/vet/vets /api/customer/owners /api/gateway/owners/1; do
    until curl -fsS -m 5 -o /dev/null "http://127.0.0.1:$gateway$path" 2>/dev/null; do
      [ $((SECONDS - start)) -lt 240 ] || fail "the services do not answer after 240 s; look at $lab_run/console.log"
      [ -t 1 ] && printf '\rwaiting for the services in the guest: %3d s' $((SECONDS - start))
      sleep 1
    done
  done
  [ -t 1 ] && printf '\r%60s\r' ''
  echo "services answer after $((SECONDS - start)) s more"
}

add_targets() {
  local id port service
  for target in probe:9435: node:9100: gateway:8080:api-gateway customers:8081:customers-service \
                visits:8082:visits-service vets:8083:vets-service; do
    IFS=: read -r id port service <<<"$target"
    "$bin/grayling" metric target add "$id" --vm "$lab_vm" --guest-port "$port" --period 1s \
      ${service:+--label "service=$service"} >/dev/null || exit 1
  done
}

lab_down() {
  set +e
  stop_daemon
  if [ -n "$lab_vm" ] && virsh -c "$lab_libvirt" domstate "$lab_vm" >/dev/null 2>&1; then
    virsh -c "$lab_libvirt" destroy "$lab_vm" >/dev/null 2>&1
    virsh -c "$lab_libvirt" undefine "$lab_vm" >/dev/null 2>&1
  fi
  local pid
  for pid in "${lab_pids[@]}"; do kill -TERM "$pid" 2>/dev/null; done
  for pid in "${lab_pids[@]}"; do
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
  done
  lab_pids=()
  [ -n "$lab_run" ] && rm -rf "$lab_run"
  lab_run=
}
