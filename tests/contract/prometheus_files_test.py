#!/usr/bin/env python3
"""What Prometheus says of the files it is given and of the page it scrapes. Ends with 77 (skipped)
without promtool.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from prometheus_server import DEPLOY, missing_programs

if missing := missing_programs("promtool"):
    print(f"skipped: no {missing[0]}; apt-get install prometheus")
    sys.exit(77)

FILES = DEPLOY / "prometheus"
PAGE = os.environ.get("GRAYLING_EXPORTER_PAGE", "build/release/tests/exporter_page")


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True,
                          text=True, timeout=60)


class PrometheusFiles(unittest.TestCase):
    def assertPasses(self, done):
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_the_configuration_and_its_rules_are_valid(self):
        self.assertPasses(promtool("check", "config", FILES / "prometheus.yml"))
        self.assertPasses(promtool("check", "rules", FILES / "rules.yml"))

    def test_the_alerts_fire_when_they_must(self):
        self.assertPasses(promtool("test", "rules", FILES / "rules_test.yml"))

    def test_no_alert_is_without_a_test(self):
        alerts = set(re.findall(r"alert: (\w+)", (FILES / "rules.yml").read_text()))
        tested = set(re.findall(r"alertname: (\w+)", (FILES / "rules_test.yml").read_text()))
        self.assertEqual(alerts, tested)

    def test_a_broken_alert_is_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            rules = (FILES / "rules.yml").read_text()
            for name, text in [("rules.yml", rules.replace("grayling_store_refusing == 1",
                                                           "grayling_store_refusing == 2")),
                               ("rules_test.yml", (FILES / "rules_test.yml").read_text())]:
                with open(f"{folder}/{name}", "w") as out:
                    out.write(text)
            done = promtool("test", "rules", f"{folder}/rules_test.yml")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("StoreRefusesSamples", done.stdout + done.stderr)

    def test_the_page_of_the_daemon_has_no_fault_that_promtool_knows(self):
        with tempfile.TemporaryDirectory() as folder:
            page = subprocess.Popen([PAGE, folder, "0.25"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)
            try:
                port = int(page.stdout.readline())
                text, deadline = "", time.monotonic() + 60
                while "grayling_fault_intensity{" not in text and time.monotonic() < deadline:
                    time.sleep(0.1)  # until the fault's turn has come
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                        text = answer.read().decode()
            finally:
                page.communicate("", timeout=20)
        self.assertIn("grayling_fault_intensity{", text)
        self.assertIn("process_start_time_seconds ", text)
        done = promtool("check", "metrics", text=text)
        self.assertPasses(done)
        self.assertEqual("", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
