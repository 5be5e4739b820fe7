"""The gray zone of a delay: what calibration says holds when it is injected afresh."""

import json
import time
import unittest

from guest_state import services
from lab import RUN, VM, answer, grayling, inject

SERVICE = "visits-service"
TARGET = 20


def good_answers():
    load = answer("load", "status")
    return int(load["requests"]) - int(load["errors"]), time.monotonic()


def good_per_second(seconds):
    before, start = good_answers()
    time.sleep(seconds)
    after, end = good_answers()
    return (after - before) / (end - start)


class Calibration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        grayling("load", "start", "--vm", VM, "--users", "8")
        time.sleep(12)
        done = grayling("fault", "calibrate", "network.delay", "--vm", VM, "--service", SERVICE, "--slo",
                        "p95<=2s,errors<=1%", "--target", str(TARGET), "--look", "12s", timeout=900)
        cls.calibration = json.loads(done.stdout)
        cls.target = cls.calibration["targets"][0]

    @classmethod
    def tearDownClass(cls):
        grayling("load", "stop", check=False)

    def test_01_an_interval_is_found_and_the_observer_was_healthy_in_it(self):
        self.assertEqual("done", self.calibration["state"])
        self.assertTrue(self.target["found"], self.target.get("reason"))
        self.assertTrue(self.target["verified"]["observerHealthy"])
        self.assertTrue(self.calibration["hasGrayZone"], self.calibration.get("zoneReason"))
        self.assertLess(self.target["intensityLow"], self.target["intensityHigh"])

    def test_02_its_middle_injected_afresh_costs_clients_the_target_within_five_points(self):
        losses = []
        for _ in range(5):  # each beside its own calm, because the machine drifts
            before = good_per_second(8)
            fault = json.loads(inject("network.delay", SERVICE, "60s",
                                      f"delay_ms={self.target['intensity']}").stdout)
            time.sleep(2)
            during = good_per_second(10)
            healthy = {one["health"] for one in services().values()}
            grayling("fault", "revert", fault["name"])
            time.sleep(2)
            calm = (before + good_per_second(8)) / 2
            losses.append(100 * (calm - during) / calm)
        loss = sum(losses) / len(losses)
        print(f"delay {self.target['intensity']:.1f} ms: clients lose "
              f"{', '.join(f'{one:.1f}' for one in losses)} %, {TARGET} asked", flush=True)
        self.assertAlmostEqual(TARGET, loss, delta=5)
        self.assertNotIn("unhealthy", healthy)

    def test_03_a_plan_gets_the_calibrated_value_and_other_services_name_the_command(self):
        plan = f"""
name: gray
vm: vms/{VM}
load: {{url: 'forward:8080', users: 8}}
scrape: [probe]
phases: {{warmup_s: 1, before_s: 1, during_s: 3, after_s: 1, cooldown_s: 0}}
faults: [{{kind: network.delay, services: [%s], intensity: gray({TARGET}%%)}}]
"""
        grayling("load", "stop")
        for service, outcome in ((SERVICE, 0), ("vets-service", 1)):
            with open(f"{RUN}/gray.yaml", "w") as out:
                out.write(plan % service)
            done = grayling("campaign", "run", f"{RUN}/gray.yaml", check=False)
            self.assertEqual(outcome == 0, done.returncode == 0, done.stderr)
            if outcome == 0:
                window = json.loads(done.stdout)["windows"][0]
                self.assertAlmostEqual(self.target["intensity"], window["spec"]["parameters"]["delay_ms"], 3)
                self.assertEqual("20%", window["gray"])
            else:
                self.assertIn("grayling fault calibrate network.delay", done.stderr)


if __name__ == "__main__":
    unittest.main()
