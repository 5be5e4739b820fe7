# Functions that bring the lab up and down. Sourced by demo.sh, lab-up.sh, lab-down.sh and tests/e2e/run.sh,
# which must call lab_as_root "$@" first. After lab_prepare and lab_up: $bin, $lab_run, $lab_state, $lab_metrics and
# $GRAYLING_DAEMON are set; lab_down ends whatever was begun, and may be called at any point.

lab_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$lab_root/build/release/bin
lab_cache=${GRAYLING_CACHE:-/var/cache/grayling}
lab_libvirt=qemu:///system
lab_started=$SECONDS
lab_pids=()   # libvirtd and virtlogd, when we started them
lab_daemon_pid=
lab_run=
lab_vm=       # set once the domain's name is ours
lab_domains=()  # every domain to remove at the end
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C  # a plain user's PATH lacks mkfs; virsh's words are read

step() { printf '\n[%3d:%02d] %s\n' $(((SECONDS - lab_started) / 60)) $(((SECONDS - lab_started) % 60)) "$*"; }
fail() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# libvirt's system instance, mmdebstrap and the guest's disks need root.
lab_as_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || fail "this needs root; run it as root or install sudo"
  exec sudo --preserve-env=GRAYLING_CACHE,GRAYLING_DATA "$0" "$@"
}

# Whether process $1 lives; one that ended and was not yet waited for does not.
is_alive() {
  case $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) in ''|Z) return 1 ;; esac
}

is_running() {
  local pid
  for pid in $(pgrep -x "$1"); do is_alive "$pid" && return 0; done
  return 1
}

# Ends process $1, which must be called $2, waiting at most $3 seconds before SIGKILL.
end_process() {
  [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ] || return 0
  kill -TERM "$1" 2>/dev/null
  local tenths
  for tenths in $(seq $((10 * $3))); do
    is_alive "$1" || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null
}

# Where no udev ran, /dev/kvm belongs to root alone: libvirt's probe opens it, QEMU's own user cannot, and
# libvirt then probes QEMU anew a dozen times a command (48 s for one define). This is Debian's udev rule.
share_kvm() {
  if [ "$(stat -c '%U:%G %a' /dev/kvm 2>/dev/null)" = 'root:root 600' ] && getent group kvm >/dev/null; then
    chgrp kvm /dev/kvm && chmod 660 /dev/kvm
  fi
}

# Debian's libvirtd and virtlogd, by hand where no init system started them.
start_libvirt() {
  share_kvm
  mkdir -p /run/libvirt
  exec 8>"$lab_cache/libvirt.lock"
  flock 8
  if ! virsh -c "$lab_libvirt" version >/dev/null 2>&1; then
    local program
    for program in virtlogd libvirtd; do
      is_running "$program" && continue
      setsid "$program" >"$lab_run/$program.log" 2>&1 8>&- & lab_pids+=($!)
    done
    for _ in $(seq 100); do
      virsh -c "$lab_libvirt" version >/dev/null 2>&1 && break
      sleep 0.1
    done
  fi
  exec 8>&-
  virsh -c "$lab_libvirt" version >/dev/null 2>&1 || fail "libvirtd does not answer on $lab_libvirt"
}

# start_daemon STATE_DIR: starts graylingd and waits for its socket.
start_daemon() {
  lab_state=$1
  mkdir -p "$lab_state"
  export GRAYLING_DAEMON=unix://$lab_run/graylingd.sock
  "$bin/graylingd" --state "$lab_state" --socket "$lab_run/graylingd.sock" --libvirt "$lab_libvirt" \
    --metrics 127.0.0.1:0 --ready-file "$lab_run/ready" >>"$lab_run/graylingd.log" 2>&1 &
  lab_daemon_pid=$!
  for _ in $(seq 200); do
    if [ -s "$lab_run/ready" ]; then
      lab_metrics=$(cat "$lab_run/ready")
      return 0
    fi
    kill -0 "$lab_daemon_pid" 2>/dev/null || { cat "$lab_run/graylingd.log" >&2; fail "graylingd ended at start"; }
    sleep 0.1
  done
  fail "graylingd is not ready after 20 s"
}

# lab_prepare VM: a folder for this run, the disks, libvirt, and the domain's name.
lab_prepare() {
  mkdir -p "$lab_cache/runs"
  chmod 755 "$lab_cache" "$lab_cache/runs"
  lab_run=$(mktemp -d "$lab_cache/runs/$1.XXXXXX")
  chmod 755 "$lab_run"
  step "Lab image"
  lab_image=$("$lab_root/deploy/lab/build-image.sh" "$lab_cache") || fail "the lab image could not be built"
  echo "image: $lab_image"
  "$lab_root/deploy/lab/make-payload.sh" "$lab_root/build/release" "$lab_run/payload.ext4" || fail "the payload disk could not be made"
  new_overlay overlay
  lab_accelerator=$("$lab_root/deploy/lab/accelerator.sh" "$lab_image")
  echo "accelerator: $lab_accelerator"
  step "Start libvirt"
  start_libvirt
  take_domain_name "$1"
  lab_vm=$1
}

# new_overlay NAME: a fresh disk over the base image, writable for libvirt's QEMU user.
new_overlay() {
  qemu-img create -q -f qcow2 -F raw -b "$lab_image/base.raw" "$lab_run/$1.qcow2" || fail "no overlay disk could be made"
  chmod 666 "$lab_run/$1.qcow2"
}

# A domain that an earlier run could not remove (kill -9, power) is dropped; one that runs is not touched.
take_domain_name() {
  case $(virsh -c "$lab_libvirt" domstate "$1" 2>/dev/null) in
    '') ;;
    'shut off') virsh -c "$lab_libvirt" undefine "$1" >/dev/null ;;
    *) fail "a domain called $1 runs already; end it first: make lab-down, or virsh -c $lab_libvirt destroy $1" ;;
  esac
  lab_domains+=("$1")
}

# lab_up STATE_DIR: from the prepared disks to four services that answer.
lab_up() {
  step "Start graylingd"
  start_daemon "$1"
  step "Boot the VM ($lab_accelerator)"
  "$bin/grayling" vm define "$lab_vm" --kernel "$lab_image/vmlinuz" --initrd "$lab_image/initrd.img" \
    --append 'root=/dev/vda rw console=ttyS0 quiet mitigations=off apparmor=0 thash_entries=1024 unknown_nmi_panic panic_print=0x40' \
    --disk "$lab_run/overlay.qcow2" --payload "$lab_run/payload.ext4" --memory-mib 2048 --vcpus 2 \
    --accelerator "$lab_accelerator" --console "$lab_run/console.log" \
    --forward 8080 --forward 8081 --forward 8082 --forward 8083 --forward 9100 --forward 9435 >/dev/null || exit 1
  "$bin/grayling" vm start "$lab_vm" >/dev/null || exit 1
  echo "the guest agent answers"
  wait_for_services
}

# The host's port of a guest port's forward, from the daemon.
forward_of() {
  "$bin/grayling" --output json vm get "$lab_vm" |
    python3 -c 'import json,sys; print(next(f["hostPort"] for f in json.load(sys.stdin)["spec"]["forwards"] if f["guestPort"]==int(sys.argv[1])))' "$1"
}

wait_for_services() {
  local gateway start=$SECONDS path
  gateway=$(forward_of 8080) || fail "the VM has no forward of port 8080"
  for path in /api/vet/vets /api/customer/owners /api/gateway/owners/1; do
    until curl -fsS -m 5 -o /dev/null "http://127.0.0.1:$gateway$path" 2>/dev/null; do
      [ $((SECONDS - start)) -lt 240 ] || fail "the services do not answer after 240 s"
      if [ -t 1 ]; then
        printf '\rwaiting for the services in the guest: %3d s' $((SECONDS - start))
      elif [ $(((SECONDS - start) % 20)) -eq 19 ]; then
        echo "waiting for the services in the guest: $((SECONDS - start)) s"
      fi
      sleep 1
    done
  done
  [ -t 1 ] && printf '\r%60s\r' ''
  echo "the services answer, $((SECONDS - start)) s later"
}

# A state folder that was kept knows the targets of its last lab, whose ports are no longer forwarded.
add_targets() {
  local id port service known
  known=$("$bin/grayling" --output csv metric target list) || exit 1
  for target in probe:9435: node:9100: gateway:8080:api-gateway customers:8081:customers-service \
                visits:8082:visits-service vets:8083:vets-service; do
    IFS=: read -r id port service <<<"$target"
    if grep -q "^scrapeTargets/$id," <<<"$known"; then
      "$bin/grayling" metric target remove "$id" >/dev/null || exit 1
    fi
    "$bin/grayling" metric target add "$id" --vm "$lab_vm" --guest-port "$port" --period 1s \
      ${service:+--label "service=$service"} >/dev/null || exit 1
  done
}

# Whether the guest's kernel hangs: the VM runs, and starts no program any more.
guest_hangs() {
  [ "$(virsh -c "$lab_libvirt" domstate "$lab_vm" 2>/dev/null | head -1)" = running ] &&
    ! virsh -c "$lab_libvirt" qemu-agent-command "$lab_vm" --timeout 20 \
      '{"execute":"guest-exec","arguments":{"path":"/bin/true"}}' >/dev/null 2>&1
}

# Makes a guest that hangs panic, by a non-maskable interrupt: its kernel then prints where each CPU stands.
print_where_guest_hangs() {
  echo "lab: the guest runs no program any more; its console after a non-maskable interrupt:" >&2
  virsh -c "$lab_libvirt" inject-nmi "$lab_vm" >/dev/null
  sleep 5
  tail -n 120 "$lab_run/console.log" >&2
}

# Ends the daemon and the guests; what is on disk stays.
lab_halt() {
  local name
  if [ -s "$lab_run/daemon.pid" ]; then lab_daemon_pid=$(cat "$lab_run/daemon.pid"); fi
  [ -n "$lab_daemon_pid" ] && end_process "$lab_daemon_pid" graylingd 60
  for name in "${lab_domains[@]}"; do
    virsh -c "$lab_libvirt" destroy "$name" >/dev/null 2>&1
    virsh -c "$lab_libvirt" undefine "$name" >/dev/null 2>&1
  done
  rm -f "$lab_run/daemon.pid" "$lab_run/ready"
  lab_daemon_pid=
}

# Called with the script's exit code; keeps the logs of a run that failed.
lab_down() {
  local code=${1:-0} pid
  trap '' INT TERM HUP
  set +e
  lab_halt
  # Somebody else's domain may live on a libvirtd that we started: then it stays.
  if [ -z "$(virsh -c "$lab_libvirt" list --name 2>/dev/null | tr -d '[:space:]')" ]; then
    for pid in "${lab_pids[@]}"; do
      end_process "$pid" libvirtd 10
      end_process "$pid" virtlogd 10
    done
  fi
  if [ -n "$lab_run" ]; then
    if [ "$code" -ne 0 ] && ls "$lab_run"/*.log >/dev/null 2>&1; then
      mkdir -p "$lab_root/build/lab-failed"
      cp "$lab_run"/*.log "$lab_root/build/lab-failed/"
      echo "lab: the logs of this run are in build/lab-failed" >&2
    fi
    rm -rf "$lab_run"
  fi
  lab_pids=() lab_domains=() lab_run='' lab_daemon_pid=''
}
