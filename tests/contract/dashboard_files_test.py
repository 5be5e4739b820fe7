#!/usr/bin/env python3
"""The dashboards' files as Grafana 10 and 11 take them: structure, ids, data source, metrics."""
import collections
import re
import unittest

from prometheus_server import DEPLOY, dashboards, queries

PANELS = {"timeseries", "stat", "table", "heatmap", "state-timeline"}
METRIC = re.compile(r"\b(?:grayling[a-z_]*:[a-z0-9_:]+|(?:grayling|process)_[a-z0-9_]+)\b")
SOURCES = DEPLOY.parent / "daemon" / "metrics"


def exported():
    """Names that the exporter's source gives its families."""
    text = "".join(path.read_text() for path in sorted(SOURCES.glob("*.cpp")))
    return set(re.findall(r'"((?:grayling|process)_[a-z_]+)"', text))


def recorded():
    return set(re.findall(r"record: (\S+)", (DEPLOY / "prometheus" / "rules.yml").read_text()))


class DashboardFiles(unittest.TestCase):
    def each(self):
        for name, dashboard in dashboards().items():
            with self.subTest(name):
                yield name, dashboard

    def test_there_are_the_five(self):
        self.assertEqual({"campaign.json", "detector.json", "fault-comparison.json", "fleet.json",
                          "service.json"}, set(dashboards()))

    def test_they_can_be_provisioned_under_ids_of_their_own(self):
        uids = collections.Counter(dashboard["uid"] for dashboard in dashboards().values())
        self.assertEqual(1, max(uids.values()))
        for name, dashboard in self.each():
            self.assertIsNone(dashboard["id"])
            self.assertEqual(39, dashboard["schemaVersion"])
            self.assertRegex(dashboard["uid"], r"^[a-z-]{1,40}$")
            self.assertTrue(dashboard["title"])

    def test_panels_are_of_kinds_that_stay_and_do_not_overlap(self):
        for name, dashboard in self.each():
            cells = collections.Counter()
            for panel in dashboard["panels"]:
                self.assertIn(panel["type"], PANELS)
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24)
                cells.update((x, y) for x in range(place["x"], place["x"] + place["w"])
                             for y in range(place["y"], place["y"] + place["h"]))
            self.assertEqual(1, max(cells.values()))
            ids = [panel["id"] for panel in dashboard["panels"]]
            self.assertEqual(len(ids), len(set(ids)))

    def test_every_data_source_is_the_provisioned_one(self):
        provisioned = (DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text()
        uid = re.search(r"uid: (\S+)", provisioned).group(1)
        for name, dashboard in self.each():
            users = [*dashboard["panels"], *dashboard["annotations"]["list"],
                     *dashboard["templating"]["list"],
                     *(target for panel in dashboard["panels"] for target in panel["targets"])]
            for user in users:
                self.assertEqual({"type": "prometheus", "uid": uid}, user["datasource"])

    def test_every_query_reads_what_the_daemon_exports_or_the_rules_record(self):
        known = exported() | recorded()
        self.assertIn("grayling_detector_score", known)
        for name, dashboard in self.each():
            for where, query in queries(dashboard, 60):
                metrics = METRIC.findall(query)
                self.assertTrue(metrics, f"{where}: {query}")
                for metric in metrics:
                    self.assertIn(re.sub(r"_(bucket|sum|count)$", "", metric), known, where)

    def test_faults_are_marked_on_every_dashboard(self):
        for name, dashboard in self.each():
            self.assertIn("Faults", [mark["name"] for mark in dashboard["annotations"]["list"]])

    def test_variables_that_are_used_are_there(self):
        for name, dashboard in self.each():
            there = {variable["name"] for variable in dashboard["templating"]["list"]}
            used = set(re.findall(r"\$([a-z]+)", str(dashboard["panels"])))
            self.assertEqual(there, used)


if __name__ == "__main__":
    unittest.main()
