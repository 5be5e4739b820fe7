"""Random kills of daemon, guest agent, container and guest while faults act; seeded.

A round injects one to three short faults, kills one thing at a random moment, and looks at the
guest (guest_state.py, without Grayling) when the last fault must be over: its duration + 2 s after
it can have begun at the latest. Then it repairs what it killed and asks the daemon for the end of
every fault. Ends with "0 late, 0 residue, 0 lost", or with the findings and exit code 1."""

import random
import subprocess
import sys
import threading
import time

from guest_state import guest_state, machine_state, services
from lab import LIBVIRT, VM, agent_exec, answer, grayling, kill_daemon, start_daemon

SERVICES = ["api-gateway", "customers-service", "vets-service", "visits-service"]
FAULTS = [
    ("network.delay", ["delay_ms=60"]), ("network.loss", ["percent=10", "direction=out"]),
    ("network.rate", ["kbit_per_s=256"]), ("network.partition", []), ("cpu.load", ["percent=50"]),
    ("cpu.throttle", ["percent=10"]), ("memory.pressure", ["percent=20", "method=limit"]),
    ("memory.leak", ["mib_per_s=2"]), ("disk.burn", ["mib_per_s=2", "path=/data"]),
    ("disk.fill", ["mib=32", "path=/data"]), ("disk.throttle", ["kib_per_s=256"]),
    ("process.pause", ["duty_percent=40"]), ("vm.cpu_cap", ["percent=60"]),
    ("vm.disk_throttle", ["iops=100"]),
]
VICTIMS = ["daemon"] * 4 + ["agent"] * 3 + ["container"] * 2 + ["guest"]
GRACE = 2.0
# An emulated guest needs 40 s to its agent, and twice as long to its services.
PATIENCE = 300


class Round:
    def __init__(self, dice):
        self.victim = dice.choice(VICTIMS)
        self.service = dice.choice(SERVICES)
        self.faults = []
        for kind, parameters in dice.sample(FAULTS, dice.randint(1, 3)):
            target = "" if kind.startswith("vm.") else dice.choice(SERVICES)
            self.faults.append((kind, target, parameters, dice.randint(3, 6)))
        self.kill_after = dice.uniform(0, 5)

    def __str__(self):
        faults = ", ".join(f"{kind} {target}".strip() + f" {seconds} s"
                           for kind, target, _, seconds in self.faults)
        return f"kill {self.victim}{' ' + self.service if self.victim == 'container' else ''} " \
               f"after {self.kill_after:.1f} s; {faults}"


def inject(kind, target, parameters, seconds, ends):
    words = [word for parameter in parameters for word in ("--param", parameter)]
    service = ["--service", target] if target else []
    grayling("fault", "inject", kind, "--vm", VM, *service, "--duration", f"{seconds}s", *words,
             check=False, timeout=180)
    ends.append(time.monotonic() + seconds)


def kill(round_):
    if round_.victim == "daemon":
        kill_daemon()
    elif round_.victim == "guest":
        # The plug, not the reset button: after a reset an emulated guest boots over its own old code, of which
        # QEMU 7.2 forgets each piece at the price of a walk through all (page_collection_lock): minutes.
        for command in ("destroy", "start"):
            subprocess.run(["virsh", "-c", LIBVIRT, command, VM], check=True, capture_output=True)
    else:
        name = "qemu-ga" if round_.victim == "agent" else None
        argv = ["/usr/bin/pkill", "-9", "-x", name] if name else \
               ["/bin/kill", "-9", str(services()[round_.service]["pid"])]
        try:
            agent_exec(*argv)
        except (subprocess.CalledProcessError, KeyError):
            pass  # the agent dies with its own answer; a container may be gone already


def repair(round_):
    """Brings back what was killed, by other means than Grayling's; returns when all four run."""
    if round_.victim == "daemon":
        start_daemon()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            missing = set(SERVICES) - set(services())
            if not missing:
                return
            if round_.victim == "container":
                agent_exec("/usr/bin/docker", "start", *missing)
        except (subprocess.CalledProcessError, ValueError):
            pass
        time.sleep(1)
    raise SystemExit(f"soak: the guest did not come back within {PATIENCE} s")


def state():
    return guest_state() + machine_state()


def check_clean(round_, calm, due):
    """Findings about what is still there at `due`; a guest that boots has nothing."""
    time.sleep(max(0, due - time.monotonic()))
    if round_.victim in ("guest", "container"):
        repair(round_)
    for late in range(20):
        try:
            now = state()
        except (subprocess.CalledProcessError, ValueError):
            time.sleep(1)  # the agent is on its way back
            continue
        if now == calm:
            return [] if late == 0 else [f"late: gone {time.monotonic() - due:.1f} s after it was due"]
        if late == 0:
            left = [line for line in now.splitlines() if line not in calm.splitlines()]
        time.sleep(0.5)
    return [f"residue: {left}"]


def check_journal():
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        live = answer("fault", "list", "--active").get("faults", [])
        if not live:
            return []
        time.sleep(1)
    return [f"lost: {fault['name']} {fault['spec']['kind']} is {fault['state']}: {fault['reason']}"
            for fault in live]


def main(rounds, seed):
    dice = random.Random(seed)
    calm = state()
    findings, injected = [], 0
    for number in range(1, rounds + 1):
        round_ = Round(dice)
        print(f"round {number}/{rounds}: {round_}", flush=True)
        ends = []
        threads = [threading.Thread(target=inject, args=(*fault, ends)) for fault in round_.faults]
        for thread in threads:
            thread.start()
        time.sleep(round_.kill_after)
        kill(round_)
        killed = time.monotonic()
        for thread in threads:
            thread.join()
        longest = max(seconds for *_, seconds in round_.faults)
        due = max(ends + [killed + longest]) + GRACE
        found = check_clean(round_, calm, due)
        repair(round_)
        found += check_journal()
        injected += len(round_.faults)
        for finding in found:
            print(f"  FOUND {finding}", flush=True)
        findings += [f"round {number}: {finding}" for finding in found]
    count = lambda word: sum(1 for finding in findings if f": {word}" in finding)
    print(f"soak: {rounds} rounds, {injected} faults, seed {seed}: {count('late')} late, "
          f"{count('residue')} residue, {count('lost')} lost")
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
