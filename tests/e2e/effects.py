"""One independent look at each kind of fault while it acts: ping, /proc, cgroup files, dd, clients.

Each look returns a sentence with what was measured, and fails (AssertionError) when the effect is
not there. Nothing here asks Grayling whether its own fault works."""

import http.client
import re
import subprocess
import time

from lab import GATEWAY, LIBVIRT, ROOT, VM, agent_exec, latency_ms
from guest_state import services

with open(f"{ROOT}/tests/e2e/faults.yaml") as plan:
    DURING_S = float(re.search(r"during_s: ([\d.]+)", plan.read())[1])


def bash(script, *words):
    return agent_exec("/bin/bash", "-c", script, "look", *words)


def expect(condition, sentence):
    if not condition:
        raise AssertionError(sentence)
    return sentence


class Ping:
    """One run of ping towards a service, from the guest or from inside another service."""

    def __init__(self, service, count=20, interval=0.1, size=56, inside=None, found=None):
        found = found or services()
        enter = f"nsenter -n -t {found[inside]['pid']} " if inside else ""
        # The deadline is for answers whose time stamp was damaged: ping would wait by it for ever.
        self.text = bash(f"{enter}ping -n -c {count} -i {interval} -s {size} -W 1 "
                         f"-w {int(count * interval) + 2} {found[service]['ip']} 2>&1")
        self.times = [float(ms) for ms in re.findall(r"time=([\d.]+) ms", self.text)]
        self.duplicates = self.text.count("(DUP!)")
        # With a deadline ping goes on until `count` answers came.
        self.sent = int(re.search(r"(\d+) packets transmitted", self.text)[1])
        # ping reports an answer with a damaged byte beside its line: such a one counts as lost.
        damaged = self.text.count("wrong data byte")
        self.answered = len(set(re.findall(r"icmp_seq=(\d+) ttl", self.text))) - damaged

    @property
    def median(self):
        return sorted(self.times)[len(self.times) // 2] if self.times else float("inf")

    @property
    def lost_percent(self):
        return 100 * (1 - self.answered / self.sent)


def network_delay(window):
    spec = window["spec"]
    asked = spec["parameters"]["delay_ms"]
    if spec.get("shape", {}).get("kind") == "KIND_RAMP":
        found = services()
        early = Ping(spec["service"], 10, found=found).median
        time.sleep(2)
        late = Ping(spec["service"], 10, found=found).median
        return expect(early + 30 < late < 1.3 * asked, f"ping rises from {early:.0f} to {late:.0f} ms")
    if spec["options"].get("peer"):
        found = services()
        through = Ping(spec["service"], 10, inside=spec["options"]["peer"], found=found).median
        beside = Ping(spec["service"], 10, found=found).median
        return expect(through > 1.8 * asked and beside < asked / 2,
                      f"ping from the peer {through:.0f} ms, from elsewhere {beside:.0f} ms")
    measured = Ping(spec["service"]).median
    return expect(0.85 * asked < measured < 1.4 * asked + 20,
                  f"ping takes {measured:.0f} ms of {asked:.0f} asked")


def lost(window):
    spec = window["spec"]
    ping = Ping(spec["service"], 120, 0.02)
    asked = spec["parameters"]["percent"]
    return expect(asked - 20 < ping.lost_percent < asked + 20,
                  f"{ping.lost_percent:.0f} % of pings lost, {asked:.0f} asked")


def network_duplicate(window):
    ping = Ping(window["spec"]["service"], 60, 0.02)
    share = 100 * ping.duplicates / ping.sent
    asked = window["spec"]["parameters"]["percent"]
    return expect(asked - 25 < share < asked + 35, f"{share:.0f} % of pings doubled, {asked:.0f} asked")


def network_reorder(window):
    spec = window["spec"]
    ping = Ping(spec["service"], 60, 0.03)
    fast = sum(1 for ms in ping.times if ms < spec["parameters"]["delay_ms"] / 2)
    share = 100 * fast / max(1, len(ping.times))
    return expect(20 < share < 80, f"{share:.0f} % of pings overtook the others")


def network_rate(window):
    spec = window["spec"]
    ping = Ping(spec["service"], 6, 0.8, size=1200)
    once = 1242 * 8 / spec["parameters"]["kbit_per_s"]
    ways = 2 if spec["options"]["direction"] == "both" else 1
    return expect(ping.median > 0.8 * ways * once,
                  f"a ping of 1242 bytes takes {ping.median:.0f} ms, at least {ways * once:.0f} by the rate")


def network_partition(window):
    pulsed = window["spec"].get("shape", {}).get("kind") == "KIND_PULSE"
    ping = Ping(window["spec"]["service"], 40, 0.1)
    fine = 5 < ping.lost_percent < 95 if pulsed else ping.lost_percent == 100
    return expect(fine, f"{ping.lost_percent:.0f} % of pings lost")


def cpu_seconds(cgroup):
    text = agent_exec("/bin/cat", f"{cgroup}/cpu.stat", "/proc/uptime")
    return int(re.search(r"usage_usec (\d+)", text)[1]) / 1e6, float(text.split()[-2])


def cpu_share(cgroup, seconds):
    before, at = cpu_seconds(cgroup)
    time.sleep(seconds)
    after, then = cpu_seconds(cgroup)
    return 100 * (after - before) / (then - at)


def cpu_load(window):
    spec = window["spec"]
    cgroup = services()[spec["service"]]["cgroup"]
    asked = spec["parameters"]["percent"]
    first = cpu_share(cgroup, 1.5)
    if spec.get("shape", {}).get("kind") == "KIND_STEP":
        time.sleep(DURING_S / 2 - 1.5)
        second = cpu_share(cgroup, 1.5)
        return expect(second > first + 15, f"the cgroup uses {first:.0f}, then {second:.0f} % of a core")
    return expect(first > 0.6 * asked, f"the cgroup uses {first:.0f} % of a core, {asked:.0f} asked")


def cpu_throttle(window):
    cgroup = services()[window["spec"]["service"]]["cgroup"]
    throttled = lambda: int(re.search(r"nr_throttled (\d+)",
                                      agent_exec("/bin/cat", f"{cgroup}/cpu.stat"))[1])
    before = throttled()
    time.sleep(2.5)
    share = cpu_share(cgroup, 1)
    count = throttled() - before
    asked = window["spec"]["parameters"]["percent"]
    return expect(count > 0 and share < asked + 3, f"throttled {count} times, uses {share:.1f} % of a core")


def memory(cgroup, name="memory.current"):
    return int(agent_exec("/bin/cat", f"{cgroup}/{name}"))


def memory_pressure(window):
    spec = window["spec"]
    cgroup = services()[spec["service"]]["cgroup"]
    if spec["options"]["method"] == "limit":
        high = memory(cgroup, "memory.high")
        events = agent_exec("/bin/cat", f"{cgroup}/memory.events")
        count = int(re.search(r"^high (\d+)", events, re.M)[1])
        used = memory(cgroup)
        return expect(high < memory(cgroup, "memory.max") and (count > 0 or used <= high),
                      f"memory.high is {high >> 10} KiB, was met {count} times, {used >> 10} KiB are in use")
    cold = int(re.search(r"^inactive_file (\d+)", agent_exec("/bin/cat", f"{cgroup}/memory.stat"), re.M)[1])
    used = 100 * (memory(cgroup) - cold) / memory(cgroup, "memory.max")
    return expect(used > 85, f"{used:.0f} % of the limit is in use, cold pages not counted")


def memory_leak(window):
    cgroup = services()[window["spec"]["service"]]["cgroup"]
    anonymous = lambda: int(re.search(r"^anon (\d+)", agent_exec("/bin/cat", f"{cgroup}/memory.stat"),
                                      re.M)[1])
    before, start = anonymous(), time.monotonic()
    time.sleep(2)
    rate = (anonymous() - before) / (time.monotonic() - start) / 2**20
    asked = window["spec"]["parameters"]["mib_per_s"]
    return expect(0.5 * asked < rate < 1.6 * asked, f"grows by {rate:.2f} MiB/s, {asked:g} asked")


def disk_throttle(window):
    spec = window["spec"]
    found = services()[spec["service"]]
    asked = spec["parameters"]["kib_per_s"]
    kib = int(2 * asked)
    # A writer inside the container's cgroup and file system.
    text = bash('echo $$ > "$1/cgroup.procs"; exec dd if=/dev/zero of="/proc/$2/root/data/look" bs=64k '
                'count=$3 oflag=direct 2>&1', found["cgroup"], str(found["pid"]), str(kib // 64))
    bash('rm -f "/proc/$1/root/data/look"', str(found["pid"]))
    seconds = float(re.search(r"([\d.]+) s,", text)[1])
    rate = kib / seconds
    return expect(rate < 1.6 * asked, f"writes {rate:.0f} KiB/s, {asked:.0f} asked")


def disk_burn(window):
    spec = window["spec"]
    cgroup = services()[spec["service"]]["cgroup"]
    field = "rbytes" if spec["options"]["operation"] == "read" else "wbytes"
    moved = lambda: sum(map(int, re.findall(field + r"=(\d+)",
                                            agent_exec("/bin/cat", f"{cgroup}/io.stat"))))
    before, start = moved(), time.monotonic()
    time.sleep(3)
    rate = (moved() - before) / (time.monotonic() - start) / 2**20
    asked = spec["parameters"]["mib_per_s"]
    return expect(0.4 * asked < rate < 1.6 * asked, f"{field} grow by {rate:.1f} MiB/s, {asked:g} asked")


def free_mib():
    return {name: int(bash('stat -f -c "%a %S" "/proc/$1/root/data" | { read free size; '
                           'echo $((free * size >> 20)); }', str(one["pid"])))
            for name, one in services().items()}


def disk_fill(window):
    service = window["spec"]["service"]
    taken = calm["free_mib"][service] - free_mib()[service]
    asked = window["spec"]["parameters"]["mib"]
    # The guest itself writes a few MiB meanwhile.
    return expect(asked - 8 < taken < asked + 40, f"{taken} MiB less are free, {asked:g} asked")


# For 3 s, however slow the guest is, and without a process per look: forks of a starved guest once made
# 60 looks outlast the window.
STOOD_STILL = r"""
exec 9<> <(:)
looks=0 stood=0 end=$((${EPOCHREALTIME/./} + 3000000))
while ((${EPOCHREALTIME/./} < end)); do
  mapfile -t lines <"$1"
  [[ "${lines[*]}" =~ $2 ]] && ((stood++))
  ((looks++))
  read -rt 0.03 <&9
done
echo $((100 * stood / looks))
"""


def process_pause(window):
    spec = window["spec"]
    found = services()[spec["service"]]
    if spec["options"]["method"] == "signal":
        share = int(bash(STOOD_STILL, f"/proc/{found['pid']}/status", "State:.T"))
    else:
        share = int(bash(STOOD_STILL, f"{found['cgroup']}/cgroup.events", "frozen 1"))
    asked = spec["parameters"]["duty_percent"]
    return expect(asked - 40 < share < min(99, asked + 35), f"stood still at {share} % of the looks, "
                                                            f"{asked:.0f} asked")


def process_kill(window):
    # At the fault's end it runs again; while it acts the container is gone.
    names = set(services())
    return expect(window["spec"]["service"] not in names, f"only {', '.join(sorted(names))} run")


def loops():
    """How often a loop goes round in 1.5 s, however slow the guest is."""
    return int(bash("end=$((${EPOCHREALTIME/./} + 1500000)) n=0; "
                    "while ((${EPOCHREALTIME/./} < end)); do ((n++)); done; echo $n"))


calm = {}


def before_all():
    """What the machine does without a fault, to compare with."""
    calm["loops"] = sorted(loops() for _ in range(5))[2]
    calm["http"] = latency_ms("/api/vet/vets")
    calm["free_mib"] = free_mib()


def vm_cpu_cap(window):
    slow = loops()
    return expect(slow < calm["loops"] / 1.4, f"a loop goes round {slow} times, without it {calm['loops']}")


def vm_disk_throttle(window):
    start = time.monotonic()
    bash("dd if=/dev/vda of=/dev/null bs=4k count=40 iflag=direct 2>/dev/null")
    rate = 40 / (time.monotonic() - start)
    asked = window["spec"]["parameters"]["iops"]
    return expect(rate < 1.8 * asked, f"{rate:.0f} reads/s, {asked:.0f} asked")


def vm_nic_delay(window):
    slow = latency_ms("/api/vet/vets", 5)
    asked = window["spec"]["parameters"]["hold_ms"]
    return expect(slow > calm["http"] + asked / 2, f"a request takes {slow:.0f} ms, without it "
                                                   f"{calm['http']:.0f} ms")


def vm_pause(window):
    paused = 0
    for _ in range(30):
        state = subprocess.run(["virsh", "-c", LIBVIRT, "domstate", VM], capture_output=True, text=True)
        paused += state.stdout.strip() == "paused"
        time.sleep(0.05)
    share = 100 * paused / 30
    asked = window["spec"]["parameters"]["duty_percent"]
    return expect(asked - 35 < share < asked + 35, f"paused at {share:.0f} % of the looks, {asked:.0f} asked")


def vm_link_down(window):
    connection = http.client.HTTPConnection("127.0.0.1", GATEWAY, timeout=2)
    try:
        connection.request("GET", "/api/vet/vets")
        status = connection.getresponse().status
    except OSError as error:
        return f"no answer through the forward ({type(error).__name__})"
    finally:
        connection.close()
    return expect(False, f"answered with {status} through a cable that is out")


LOOKS = {
    "network.delay": network_delay, "network.loss": lost, "network.corrupt": lost,
    "network.duplicate": network_duplicate, "network.reorder": network_reorder,
    "network.rate": network_rate, "network.partition": network_partition, "cpu.load": cpu_load,
    "cpu.throttle": cpu_throttle, "memory.pressure": memory_pressure, "memory.leak": memory_leak,
    "disk.throttle": disk_throttle, "disk.burn": disk_burn, "disk.fill": disk_fill,
    "process.pause": process_pause, "process.kill": process_kill, "vm.cpu_cap": vm_cpu_cap,
    "vm.disk_throttle": vm_disk_throttle, "vm.nic_delay": vm_nic_delay, "vm.pause": vm_pause,
    "vm.link_down": vm_link_down,
}
