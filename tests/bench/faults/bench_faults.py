"""Times faults through the daemon's RPCs beside the shell scripts that people write for them.

Both go through the same guest agent of the same VM, one after the other, from one client. Written
to a list of {"name","unit","ours","peer","peer_value","ratio"}; a ratio above 1 means ours is better."""

import json
import statistics
import sys
import time

import grpc
from google.protobuf.duration_pb2 import Duration
from grayling.v1 import campaign_pb2, campaign_pb2_grpc, fault_pb2, fault_pb2_grpc, vm_pb2, vm_pb2_grpc

REPEATS = {"network.delay": 30, "cpu.load": 10}

# As found in many a runbook: into the container's network namespace, add, and look whether it is there.
DELAY_SCRIPT = r"""
pid=$(docker inspect -f '{{.State.Pid}}' visits-service)
nsenter -t "$pid" -n tc qdisc add dev eth0 root netem delay 40ms
nsenter -t "$pid" -n tc qdisc show dev eth0 | grep -q 'delay 40ms'
"""
DELAY_UNDO = r"""
pid=$(docker inspect -f '{{.State.Pid}}' visits-service)
nsenter -t "$pid" -n tc qdisc del dev eth0 root
"""
LOAD_SCRIPT = r"""
id=$(docker inspect -f '{{.Id}}' visits-service)
stress-ng --cpu 1 --cpu-load 60 --timeout 60 >/dev/null 2>&1 &
for i in $(seq 100); do workers=$(pgrep -f 'stress-ng-cpu'); [ -n "$workers" ] && break; sleep 0.02; done
for worker in $workers; do echo "$worker" > "/sys/fs/cgroup/system.slice/docker-$id.scope/cgroup.procs"; done
grep -q "$(echo "$workers" | head -1)" "/sys/fs/cgroup/system.slice/docker-$id.scope/cgroup.procs"
"""
LOAD_UNDO = "pkill -9 stress-ng; exit 0"


class Bench:
    def __init__(self, address, vm):
        channel = grpc.insecure_channel(address)
        self.faults = fault_pb2_grpc.FaultServiceStub(channel)
        self.vms = vm_pb2_grpc.VmServiceStub(channel)
        self.campaigns = campaign_pb2_grpc.CampaignServiceStub(channel)
        self.vm = f"vms/{vm}"
        self.rows = []

    def row(self, name, unit, ours, peer="none", value=None):
        ratio = round(value / ours, 2) if value and ours else None
        self.rows.append({"name": name, "unit": unit, "ours": round(ours, 2), "peer": peer,
                          "peer_value": None if value is None else round(value, 2), "ratio": ratio})
        beside = "" if value is None else f"   {peer}: {value:.1f}   ratio {ratio}"
        print(f"{name:64} {ours:8.1f} {unit}{beside}", flush=True)

    def inject(self, kind, service, parameters, seconds=60):
        spec = fault_pb2.FaultSpec(kind=kind, vm=self.vm, service=service,
                                   duration=Duration(seconds=seconds))
        for name, value in parameters.items():
            spec.parameters[name] = value
        return self.faults.InjectFault(fault_pb2.InjectFaultRequest(spec=spec), timeout=120)

    def script(self, text):
        done = self.vms.ExecVm(vm_pb2.ExecVmRequest(name=self.vm, argv=["/bin/bash", "-c", text],
                                                    timeout=Duration(seconds=60)), timeout=120)
        if done.exit_code != 0:
            raise SystemExit(f"bench-faults: the peer's script failed: {done.stderr.decode()}")

    def compare(self, name, kind, parameters, script, undo):
        ours, peer, reverts, undos = [], [], [], []
        repeats = REPEATS[kind]
        for _ in range(repeats):  # alternating, so that a drifting machine drifts for both
            start = time.monotonic()
            fault = self.inject(kind, "visits-service", parameters)
            ours.append(1000 * (time.monotonic() - start))
            start = time.monotonic()
            self.faults.RevertFault(fault_pb2.RevertFaultRequest(name=fault.name), timeout=120)
            reverts.append(1000 * (time.monotonic() - start))
            start = time.monotonic()
            self.script(script)
            peer.append(1000 * (time.monotonic() - start))
            start = time.monotonic()
            self.script(undo)
            undos.append(1000 * (time.monotonic() - start))
        median = statistics.median
        self.row(f"{name}: request to verified effect, p50", "ms", median(ours), "shell script", median(peer))
        self.row(f"{name}: request to verified effect, largest of {repeats}", "ms", max(ours), "shell script",
                 max(peer))
        self.row(f"{name}: revert, residue looked for, p50", "ms", median(reverts),
                 "shell script, without a look", median(undos))

    def many_at_once(self):
        """Twenty of the smallest loads are one of the guest's two cores; fifty would be refused."""
        services = ["api-gateway", "customers-service", "vets-service", "visits-service"]
        faults = [self.inject("cpu.load", services[i % 4], {"percent": 5}, 300) for i in range(20)]
        start = time.monotonic()
        answer = self.faults.RevertAllFaults(fault_pb2.RevertAllFaultsRequest(vm=self.vm), timeout=300)
        took = 1000 * (time.monotonic() - start)
        if len(answer.faults) != len(faults):
            raise SystemExit(f"bench-faults: {len(answer.faults)} of {len(faults)} faults were reverted")
        self.row("revert of 20 faults at once, each looked for", "ms", took)

    def real_windows(self):
        plan = f"""
name: lateness
vm: {self.vm}
load: {{url: 'forward:8080', users: 1}}
scrape: [probe]
phases: {{warmup_s: 2, before_s: 0.5, during_s: 0.7, after_s: 0.5, cooldown_s: 1}}
repetitions: 50
faults: [{{kind: network.delay, services: [vets-service], parameters: {{delay_ms: 10}}}}]
"""
        campaign = self.campaigns.StartCampaign(campaign_pb2.StartCampaignRequest(plan_yaml=plan), timeout=60)
        request = campaign_pb2.WatchCampaignRequest(name=campaign.name)
        for response in self.campaigns.WatchCampaign(request, timeout=600):
            campaign = response.campaign
        done = [w for w in campaign.windows if w.outcome == "done"]
        late = sorted(1000 * (w.lateness.seconds + w.lateness.nanos / 1e9) for w in campaign.windows)
        self.row(f"schedule lateness of {len(late)} real windows ({len(done)} done), p50", "ms",
                 late[len(late) // 2])
        self.row("schedule lateness of the real windows, p99 (largest but none)", "ms", late[-1])


def main(address, vm, schedule, out):
    bench = Bench(address, vm)
    for row in json.load(open(schedule)):
        bench.row(row["name"], row["unit"], row["ours"])
    bench.compare("network.delay", "network.delay", {"delay_ms": 40}, DELAY_SCRIPT, DELAY_UNDO)
    bench.compare("cpu.load", "cpu.load", {"percent": 60}, LOAD_SCRIPT, LOAD_UNDO)
    bench.many_at_once()
    bench.real_windows()
    print("blade: not measured, the real one cannot be built here and a fake's speed says nothing")
    json.dump(bench.rows, open(out, "w"), indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
