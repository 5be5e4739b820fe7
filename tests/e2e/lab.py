"""How the end-to-end tests and the soak reach the lab: the CLI, the guest, and the daemon itself."""

import base64
import http.client
import json
import os
import signal
import statistics
import subprocess
import time

ROOT = os.environ["lab_root"]
BIN = os.environ["bin"]
RUN = os.environ["lab_run"]
STATE = os.environ["lab_state"]
VM = os.environ["lab_vm"]
GATEWAY = int(os.environ["lab_gateway"])
LIBVIRT = os.environ["lab_libvirt"]


def grayling(*arguments, check=True, timeout=300):
    done = subprocess.run([f"{BIN}/grayling", "--output", "json", *arguments],
                          capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise AssertionError(f"grayling {' '.join(arguments)}: {done.stderr}")
    return done


def answer(*arguments, **keywords):
    return json.loads(grayling(*arguments, **keywords).stdout)


def in_guest(*argv):
    return grayling("vm", "exec", VM, "--", *argv, check=False).stdout


def latency_ms(path, count=9):
    connection = http.client.HTTPConnection("127.0.0.1", GATEWAY, timeout=10)
    times = []
    for _ in range(count):
        start = time.monotonic()
        connection.request("GET", path)
        connection.getresponse().read()
        times.append((time.monotonic() - start) * 1000)
    connection.close()
    return statistics.median(times)


def inject(kind, service, duration, *parameters, check=True):
    options = [word for parameter in parameters for word in ("--param", parameter)]
    target = ["--service", service] if service else []
    return grayling("fault", "inject", kind, "--vm", VM, *target, "--duration", duration, *options,
                    check=check)


def agent_exec(*argv):
    """Through libvirt itself, while no daemon runs."""
    command = {"execute": "guest-exec", "arguments":
               {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}}
    def agent(payload):
        done = subprocess.run(["virsh", "-c", LIBVIRT, "qemu-agent-command", "--timeout", "60", VM,
                               json.dumps(payload)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"the guest agent did not run {argv[0]}: {done.stderr.strip()}")
        return json.loads(done.stdout)["return"]
    pid = agent(command)["pid"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = agent({"execute": "guest-exec-status", "arguments": {"pid": pid}})
        if status["exited"]:
            return base64.b64decode(status.get("out-data", "")).decode(errors="replace")
        time.sleep(0.05)
    raise AssertionError(f"{argv[0]} in the guest still ran after 60 s")


def daemon_pid():
    path = f"{RUN}/daemon.pid"
    if not os.path.exists(path):
        return int(os.environ["lab_daemon_pid"])
    with open(path) as source:
        return int(source.read())


def kill_daemon():
    os.kill(daemon_pid(), signal.SIGKILL)
    _reap()


def start_daemon():
    global daemon
    ready = f"{RUN}/ready"
    if os.path.exists(ready):
        os.remove(ready)
    with open(f"{RUN}/graylingd.log", "a") as log:
        daemon = subprocess.Popen(
            [f"{BIN}/graylingd", "--state", STATE, "--socket", f"{RUN}/graylingd.sock",
             "--libvirt", LIBVIRT, "--metrics", "127.0.0.1:0", "--ready-file", ready],
            stdout=log, stderr=log)
    with open(f"{RUN}/daemon.pid", "w") as out:
        out.write(str(daemon.pid))
    wait_for_file(ready)


def wait_for_file(path):
    deadline = time.monotonic() + 10
    while not (os.path.exists(path) and os.path.getsize(path)):
        if time.monotonic() > deadline:
            raise AssertionError(f"{path} was not written within 10 s")
        time.sleep(0.05)


daemon = None


def _reap():
    """A daemon that we started is our child."""
    if daemon is not None:
        daemon.wait(timeout=20)


def service(name):
    """What the daemon knows of a service now."""
    return next(one for one in answer("service", "list", VM)["services"] if one["name"] == name)
