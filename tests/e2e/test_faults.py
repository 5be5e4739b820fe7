"""Forty windows over every native kind of fault, each seen from outside; then nothing is left."""

import os
import subprocess
import time
import unittest

import effects
from guest_state import guest_state, machine_state
from lab import BIN, ROOT, RUN, VM, answer, grayling


class AllKinds(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        effects.before_all()
        cls.guest_before, cls.machine_before = guest_state(), machine_state()
        with open(f"{ROOT}/tests/e2e/faults.yaml") as source, open(f"{RUN}/faults.yaml", "w") as out:
            out.write(source.read().replace("vms/lab", f"vms/{VM}"))
        running = subprocess.Popen([f"{BIN}/grayling", "campaign", "run", f"{RUN}/faults.yaml"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        cls.looks = {}
        while running.poll() is None:
            cls.look_at_the_active_window()
            time.sleep(0.2)
        cls.errors = running.stderr.read()
        cls.campaign = answer("campaign", "list")["campaigns"][0]

    @classmethod
    def look_at_the_active_window(cls):
        campaigns = answer("campaign", "list").get("campaigns", [])
        if not campaigns:
            return
        for window in campaigns[0]["windows"]:
            index = window.get("index", 0)
            if window["outcome"] != "active" or index in cls.looks:
                continue
            start = time.monotonic()
            try:
                cls.looks[index] = (True, effects.LOOKS[window["spec"]["kind"]](window))
            except Exception as problem:
                cls.looks[index] = (False, f"{type(problem).__name__}: {problem}")
            spec = window["spec"]
            fine, sentence = cls.looks[index]
            seconds = time.monotonic() - start
            print(f"window {index:2} {spec['kind']:18} {spec.get('service', ''):18} "
                  f"{seconds:4.1f} s  {'' if fine else 'NOT SEEN: '}{sentence}", flush=True)

    def test_01_every_window_is_done_with_a_label(self):
        outcomes = [(window["spec"]["kind"], window["outcome"]) for window in self.campaign["windows"]
                    if window["outcome"] != "done"]
        self.assertEqual([], outcomes, self.errors)
        self.assertEqual(40, len(self.campaign["windows"]))
        self.assertEqual("CAMPAIGN_STATE_COMPLETED", self.campaign["state"])

    def test_02_every_effect_was_seen_by_an_independent_measurement(self):
        unseen = {index: sentence for index, (fine, sentence) in self.looks.items() if not fine}
        self.assertEqual({}, unseen)
        self.assertEqual(set(range(40)), set(self.looks))

    def test_03_qdiscs_cgroup_limits_processes_and_files_are_what_they_were_byte_for_byte(self):
        self.assertEqual(self.guest_before, guest_state())

    def test_04_the_vms_own_limits_are_what_they_were(self):
        self.assertEqual(self.machine_before, machine_state())

    def test_05_no_fault_is_live_and_the_windows_went_out_as_series(self):
        self.assertEqual([], answer("fault", "list", "--active").get("faults", []))
        done = grayling("metric", "query", "grayling_fault_active", "--from", self.campaign["startTime"],
                        "--to", self.campaign["endTime"], check=False)
        self.assertIn("network.partition", done.stdout)


if __name__ == "__main__":
    unittest.main()
