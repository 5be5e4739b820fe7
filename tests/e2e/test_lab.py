"""The main job on the real lab, in a few minutes: read the method names as the specification."""

import csv
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

from lab import (BIN, LIBVIRT, ROOT, RUN, VM, agent_exec, answer, grayling, in_guest, inject,
                 kill_daemon, latency_ms, service, start_daemon, wait_for_file)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract"))

from prometheus_server import PrometheusServer, silent_queries  # noqa: E402


class Lab(unittest.TestCase):
    maxDiff = None

    @classmethod
    def watch_with_prometheus(cls):
        """A real Prometheus scrapes the daemon from here to the end of the tests."""
        with open(f"{RUN}/ready") as ready:
            cls.prometheus = PrometheusServer(ready.read().split()[0])
        cls.addClassCleanup(cls.prometheus.close)
        cls.prometheus.wait_until_ready()
        cls.watched_since = time.time()

    def test_01_four_services_are_found_each_with_its_own_veth_and_cgroup(self):
        services = answer("service", "list", VM)["services"]
        self.assertEqual(["api-gateway", "customers-service", "vets-service", "visits-service"],
                         sorted(service["name"] for service in services))
        self.assertEqual(4, len({service["veth"] for service in services}))
        self.assertEqual(4, len({service["cgroupPath"] for service in services}))

    def test_02_every_scrape_target_is_up(self):
        deadline = time.monotonic() + 20
        while True:
            targets = answer("metric", "target", "list")["scrapeTargets"]
            down = [target["name"] for target in targets if not target.get("up")]
            if not down or time.monotonic() > deadline:
                break
            time.sleep(1)
        self.assertEqual(6, len(targets))
        self.assertEqual([], down)

    def test_03_a_network_delay_is_felt_by_clients_and_leaves_no_residue(self):
        before = latency_ms("/api/vet/vets")
        fault = json.loads(inject("network.delay", "vets-service", "60s", "delay_ms=150").stdout)
        self.assertEqual("FAULT_STATE_VERIFIED", fault["state"])
        veth = service("vets-service")["veth"]
        self.assertIn("delay 150ms", in_guest("tc", "qdisc", "show", "dev", veth))
        during = latency_ms("/api/vet/vets", 5)
        self.assertGreater(during, before + 100)
        self.assertEqual("FAULT_STATE_REVERTED", answer("fault", "revert", fault["name"])["state"])
        self.assertNotIn("netem", in_guest("tc", "qdisc", "show", "dev", veth))
        self.assertLess(latency_ms("/api/vet/vets"), before + 100)

    def test_04_cpu_and_memory_faults_act_inside_the_containers_cgroup_only(self):
        cgroup = service("visits-service")["cgroupPath"]
        tasks = lambda: len(in_guest("cat", f"{cgroup}/cgroup.procs").split())
        memory = lambda: int(in_guest("cat", f"{cgroup}/memory.current"))
        tasks_before, memory_before = tasks(), memory()
        load = json.loads(inject("cpu.load", "visits-service", "60s", "percent=60").stdout)
        self.assertGreater(tasks(), tasks_before)
        pressure = json.loads(inject("memory.pressure", "visits-service", "60s", "percent=95").stdout)
        self.assertGreater(memory(), memory_before)
        for fault in (load, pressure):
            self.assertEqual("FAULT_STATE_REVERTED", answer("fault", "revert", fault["name"])["state"])
        self.assertEqual(tasks_before, tasks())

    def test_05_a_fault_ends_by_itself_when_the_daemon_is_killed_and_the_next_daemon_says_so(self):
        veth = service("customers-service")["veth"]
        fault = json.loads(inject("network.loss", "customers-service", "12s", "percent=5").stdout)
        applied = time.monotonic()
        kill_daemon()
        self.assertIn("netem", agent_exec("tc", "qdisc", "show", "dev", veth))
        while time.monotonic() < applied + 12 + 2:
            time.sleep(0.1)
        self.assertNotIn("netem", agent_exec("tc", "qdisc", "show", "dev", veth))
        start_daemon()
        after = answer("fault", "get", fault["name"])
        self.assertEqual("FAULT_STATE_REVERTED", after["state"])
        self.assertIn("restart", after["reason"])
        with open(f"{RUN}/graylingd.log") as log:
            self.assertIn(fault["name"], log.read())

    def test_06_bad_input_gets_one_sentence_and_leaves_nothing_behind(self):
        def refused(done, *words):
            self.assertNotEqual(0, done.returncode)
            for word in words:
                self.assertIn(word, done.stderr)
            self.assertEqual(1, len(done.stderr.strip().splitlines()), done.stderr)

        refused(inject("network.delay", "no-such-service", "5s", "delay_ms=20", check=False),
                "no-such-service", "customers-service")
        refused(inject("network.delay", "visits-service", "5s", "delay_ms=99999", check=False),
                "delay_ms", "10000")
        refused(inject("network.wobble", "visits-service", "5s", check=False), "network.wobble")
        with open(f"{ROOT}/deploy/lab/short.yaml") as plan, open(f"{RUN}/bad.yaml", "w") as out:
            out.write(plan.read() + "\nrepetitons: 2\n")
        refused(grayling("campaign", "plan", f"{RUN}/bad.yaml", check=False), "repetitons", "line")
        second = subprocess.run([f"{BIN}/graylingd", "--state", f"{RUN}/second", "--socket",
                                 f"{RUN}/graylingd.sock", "--libvirt", LIBVIRT],
                                capture_output=True, text=True, timeout=30)
        self.assertNotEqual(0, second.returncode)
        self.assertIn("graylingd.sock", second.stderr)
        self.assertEqual([], answer("fault", "list", "--active").get("faults", []))

    @unittest.skipUnless(os.geteuid() == 0, "a small file system can be mounted by root only")
    def test_07_a_full_disk_refuses_with_a_sentence_and_recovers_without_a_restart(self):
        small = f"{RUN}/small"
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small], check=True)
        socket = f"{RUN}/small.sock"
        daemon = subprocess.Popen([f"{BIN}/graylingd", "--state", small, "--socket", socket,
                                   "--libvirt", LIBVIRT, "--metrics", "127.0.0.1:0",
                                   "--ready-file", f"{RUN}/small.ready"], stderr=subprocess.DEVNULL)
        try:
            wait_for_file(f"{RUN}/small.ready")
            add = lambda name: grayling("--daemon", f"unix://{socket}", "metric", "target", "add", name,
                                        "--url", "http://127.0.0.1:9/metrics", check=False)
            with open(f"{small}/filler", "wb") as filler, self.assertRaises(OSError):
                while True:
                    os.write(filler.fileno(), b"x" * 65536)
            refused = [done for done in map(add, (f"t{i}" for i in range(40))) if done.returncode != 0]
            self.assertTrue(refused, "the disk never filled up")
            self.assertIn("disk", refused[0].stderr)
            self.assertEqual(1, len(refused[0].stderr.strip().splitlines()))
            os.remove(f"{small}/filler")
            self.assertEqual(0, add("after").returncode)
        finally:
            daemon.terminate()
            daemon.wait(timeout=20)
            subprocess.run(["umount", small], check=True)

    def test_08_a_guest_that_does_not_answer_is_named_and_nothing_is_applied(self):
        subprocess.run(["virsh", "-c", LIBVIRT, "suspend", VM], check=True, capture_output=True)
        try:
            done = inject("network.delay", "visits-service", "5s", "delay_ms=20", check=False)
        finally:
            subprocess.run(["virsh", "-c", LIBVIRT, "resume", VM], check=True, capture_output=True)
        self.assertNotEqual(0, done.returncode)
        self.assertIn(VM, done.stderr)
        self.assertEqual([], answer("fault", "list", "--active").get("faults", []))

    def test_09_a_two_minute_campaign_yields_exact_labels_and_a_complete_recording(self):
        with open(f"{ROOT}/deploy/lab/short.yaml") as source, open(f"{RUN}/plan.yaml", "w") as out:
            out.write(source.read().replace("vms/lab", f"vms/{VM}"))
        self.watch_with_prometheus()
        grayling("campaign", "run", f"{RUN}/plan.yaml", timeout=400)
        campaign = answer("campaign", "list")["campaigns"][0]
        self.assertEqual("CAMPAIGN_STATE_COMPLETED", campaign["state"])
        self.assertEqual(["done"] * 6, [window["outcome"] for window in campaign["windows"]])
        self.assertEqual([], answer("fault", "list", "--active").get("faults", []))
        subprocess.run([f"{BIN}/grayling-ml", "fetch", "--daemon", os.environ["GRAYLING_DAEMON"],
                        "--campaign", campaign["name"], "--out", f"{RUN}/dataset"], check=True)
        with open(f"{RUN}/dataset/dataset.json") as source:
            dataset = json.load(source)
        self.assertEqual(6, sum(len(run["windows"]) for run in dataset["runs"]))
        rows = missing = 0
        for run in dataset["runs"]:
            with open(f"{RUN}/dataset/{run['file']}") as source:
                for row in csv.DictReader(source):
                    rows += 1
                    missing += row["visits-service/grayling_container_memory_usage_bytes"] == ""
        self.assertGreater(rows, 90)
        self.assertLess(missing, 0.05 * rows)

    def test_10_a_model_is_fitted_uploaded_and_scores_live_rows(self):
        fit = subprocess.run([f"{BIN}/grayling-ml", "fit", f"{RUN}/dataset", "--out", f"{RUN}/model.grayling"],
                             capture_output=True, text=True, timeout=300)
        self.assertEqual(0, fit.returncode, fit.stderr)
        self.assertIn("Thresh | Prec | Rec  | F1   | Acc", fit.stdout)
        model = answer("model", "upload", f"{RUN}/model.grayling")["name"]
        self.assertTrue(answer("model", "activate", model)["active"])
        scores = subprocess.run([f"{BIN}/grayling", "--output", "csv", "detect", "watch", "--rows", "3"],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(0, scores.returncode, scores.stderr)
        self.assertGreaterEqual(len(scores.stdout.strip().splitlines()), 4)

    def test_11_every_query_of_every_dashboard_has_data_after_a_fault_that_the_detector_found(self):
        grayling("load", "start", "--vm", VM, "--users", "8")
        self.addCleanup(grayling, "load", "stop")
        time.sleep(10)
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        fault = json.loads(inject("network.delay", "visits-service", "40s", "delay_ms=150").stdout)
        self.addCleanup(grayling, "fault", "revert", fault["name"], check=False)
        grayling("detect", "wait-alarm", "--after", before, "--timeout", "40s", timeout=60)
        time.sleep(6)  # the rules' next evaluation
        silent, asked = silent_queries(self.prometheus, int(time.time() - self.watched_since))
        self.assertGreater(asked, 40)
        self.assertEqual([], silent)


if __name__ == "__main__":
    unittest.main(failfast=False)
