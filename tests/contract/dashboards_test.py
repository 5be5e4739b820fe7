#!/usr/bin/env python3
"""A real Prometheus scrapes a real page of the daemon's exporter, loads the rules, and answers every
query of every dashboard with data. Ends with 77 (skipped) without Prometheus.
"""
import os
import subprocess
import sys
import tempfile
import time
import unittest

from prometheus_server import PrometheusServer, missing_programs, silent_queries

if missing := missing_programs("prometheus"):
    print(f"skipped: no {missing[0]}; apt-get install prometheus")
    sys.exit(77)

PAGE = os.environ.get("GRAYLING_EXPORTER_PAGE", "build/release/tests/exporter_page")
PHASE_SECONDS = 2
CAMPAIGN_SECONDS = 10 * PHASE_SECONDS


class Dashboards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.page = subprocess.Popen([PAGE, cls.folder.name, str(PHASE_SECONDS)],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.end_page)
        port = int(cls.page.stdout.readline())
        cls.server = PrometheusServer(f"127.0.0.1:{port}")
        cls.addClassCleanup(cls.server.close)
        cls.server.wait_until_ready()
        time.sleep(CAMPAIGN_SECONDS + 6)

    @classmethod
    def end_page(cls):
        cls.page.stdin.close()
        cls.page.wait(timeout=20)
        cls.page.stdout.close()

    def test_the_page_is_scraped(self):
        targets = self.server.get("targets")["activeTargets"]
        self.assertEqual([("graylingd", "up", "")],
                         [(target["labels"]["job"], target["health"], target["lastError"])
                          for target in targets])

    def test_every_rule_is_loaded_and_healthy(self):
        rules = [rule for group in self.server.get("rules")["groups"] for rule in group["rules"]]
        self.assertGreater(len(rules), 10)
        self.assertEqual([], [rule["name"] for rule in rules if rule["health"] != "ok"])

    def test_the_alert_of_a_gray_failure_fired_during_the_fault(self):
        fired = self.server.samples('ALERTS{alertname="GrayFailure",alertstate="firing"}',
                                    CAMPAIGN_SECONDS + 6)
        self.assertGreater(fired, 0)

    def test_every_query_of_every_dashboard_has_data(self):
        silent, asked = silent_queries(self.server, CAMPAIGN_SECONDS + 6)
        print(f"{asked} queries asked")
        self.assertGreater(asked, 40)
        if not self.server.samples("grayling_store_bytes", CAMPAIGN_SECONDS):
            print("the store does not tell its size on disk: that query is left out")
            silent = [query for query in silent if not query.endswith(": grayling_store_bytes")]
        self.assertEqual([], silent)


if __name__ == "__main__":
    unittest.main()
