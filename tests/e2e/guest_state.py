"""What a fault could leave behind, as text that is equal byte for byte when nothing is left.

Read through the guest agent by libvirt itself, without the daemon and without Grayling's own tool,
except for the list of containers. Names that a restarted container changes (its veth, its
processes' numbers) are replaced by the service's."""

import json
import subprocess

from lab import LIBVIRT, VM, agent_exec

PROBE = "/opt/grayling/grayling-probe"

READ = r"""
for service in "$@"; do
  IFS='|' read -r name pid veth cgroup <<<"$service"
  echo "== $name"
  tc qdisc show dev "$veth" | sed "s/ dev $veth / dev HOST-END /"
  tc filter show dev "$veth"
  nsenter -n -t "$pid" tc qdisc show dev eth0
  nsenter -n -t "$pid" tc filter show dev eth0
  for file in cpu.max memory.max memory.high io.max cgroup.freeze cgroup.subtree_control; do
    echo "$file: $(cat "$cgroup/$file" 2>&1)"
  done
  for process in $(cat "$cgroup/cgroup.procs"); do
    echo "process: $(cat /proc/$process/comm) $(sed -n 's/^State:\t\(T\).*/stopped/p' /proc/$process/status)"
  done
  (cd "/proc/$pid/root" && ls -A tmp data) | grep -v -e '-wal$' -e '-shm$' -e '-journal$'
done
echo "== guest"
cat /sys/fs/cgroup/cgroup.subtree_control /sys/fs/cgroup/system.slice/cgroup.subtree_control
for comm in /proc/[0-9]*/comm; do
  case $(cat "$comm" 2>/dev/null) in grayl-*|grayling-keep|grayling-guard|stress-ng*) cat "$comm" ;; esac
done
"""


def services():
    return {one["name"]: one for one in json.loads(agent_exec(PROBE, "containers"))}


def guest_state():
    words = ["|".join(str(one[key]) for key in ("name", "pid", "veth", "cgroup"))
             for one in services().values()]
    return agent_exec("/bin/bash", "-c", READ, "read", *words)


def machine_state():
    """What libvirt itself sets on the domain, and the marks of a fault on it."""
    text = ""
    for command in (["schedinfo", VM], ["blkdeviotune", VM, "vda"], ["domstate", VM]):
        done = subprocess.run(["virsh", "-c", LIBVIRT, *command], capture_output=True, text=True)
        text += done.stdout + done.stderr
    monitor = subprocess.run(
        ["virsh", "-c", LIBVIRT, "qemu-monitor-command", VM, "--hmp", "info network"],
        capture_output=True, text=True).stdout
    # The state of SLIRP's connections is the guest's own affair.
    return text + monitor
