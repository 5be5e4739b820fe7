"""A real Prometheus beside the lab's daemon through a campaign: every query of every dashboard must
have data. Needs Debian's prometheus.
"""

import pathlib
import sys
import time
import unittest

from lab import ROOT, RUN, VM, answer, grayling, wait_for_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract"))

from prometheus_server import PrometheusServer, missing_programs, silent_queries  # noqa: E402


class Dashboards(unittest.TestCase):
    def test_every_query_has_data_from_a_campaign(self):
        if missing := missing_programs("prometheus"):
            self.skipTest(f"no {missing[0]}; apt-get install prometheus")
        wait_for_file(f"{RUN}/ready")
        with open(f"{RUN}/ready") as ready:
            server = PrometheusServer(ready.read().strip())
        self.addCleanup(server.close)
        server.wait_until_ready()
        with open(f"{ROOT}/deploy/lab/short.yaml") as source, open(f"{RUN}/plan.yaml", "w") as out:
            out.write(source.read().replace("vms/lab", f"vms/{VM}"))
        begun = time.time()
        grayling("campaign", "run", f"{RUN}/plan.yaml", timeout=400)
        time.sleep(6)  # the rules' next evaluation
        silent, asked = silent_queries(server, int(time.time() - begun))
        self.assertGreater(asked, 40)
        if not answer("model", "list").get("models"):
            print("without a model the detector's queries were not judged")
            silent = [query for query in silent if "grayling_detector" not in query
                      and "grayling:detector" not in query]
        self.assertEqual([], silent)


if __name__ == "__main__":
    unittest.main()
