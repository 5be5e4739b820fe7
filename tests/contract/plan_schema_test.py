#!/usr/bin/env python3
"""The plans of the repository, and broken ones, against deploy/campaign-plan.schema.json.

Ends with 77 (skipped) where the Python packages jsonschema (4 or later) and yaml are missing.
"""
import copy
import json
import pathlib
import sys
import unittest

try:
    import jsonschema
    import yaml

    VALIDATOR = jsonschema.Draft202012Validator
except (ImportError, AttributeError) as missing:
    print(f"skipped: {missing}; pip install 'jsonschema>=4' pyyaml")
    sys.exit(77)

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
PLANS = ["lab/demo.yaml", "lab/short.yaml", "thesis.yaml", "gray.yaml"]


def read(name):
    return yaml.safe_load((DEPLOY / name).read_text())


class PlanSchema(unittest.TestCase):
    def setUp(self):
        self.schema = json.loads((DEPLOY / "campaign-plan.schema.json").read_text())
        self.validator = VALIDATOR(self.schema)

    def complaints(self, plan):
        return [f"{list(e.absolute_path)}: {e.message}" for e in self.validator.iter_errors(plan)]

    def test_is_a_schema_of_draft_2020_12(self):
        self.assertEqual(self.schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        VALIDATOR.check_schema(self.schema)

    def test_every_plan_of_the_repository_is_valid(self):
        for name in PLANS:
            with self.subTest(name):
                self.assertEqual(self.complaints(read(name)), [])

    def test_no_plan_of_the_repository_is_forgotten(self):
        found = {str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*.yaml")
                 if "faults:" in path.read_text()}
        self.assertEqual(found, set(PLANS))

    def test_a_plan_that_the_daemon_refuses_is_refused(self):
        def change(plan, path, value):
            *parents, last = path
            for key in parents:
                plan = plan[key]
            if value is None:
                del plan[last]
            else:
                plan[last] = value

        for path, value in [
            (["nmae"], "x"),
            (["name"], "a/b"),
            (["vm"], "lab"),
            (["load", 0, "url"], None),
            (["load", 0, "users"], 2001),
            (["load", 1, "name"], None),
            (["phases", "during_s"], 0),
            (["phases", "cooldown_s"], None),
            (["order", "policy"], "fast"),
            (["baseline"], "maybe"),
            (["faults"], []),
            (["faults", 0, "kind"], "network.fog"),
            (["faults", 0, "services"], None),
            (["faults", 0, "parameters", "jitter_ms"], 20000),
            (["faults", 0, "parameters", "percent"], 5),
            (["faults", 0, "options", "direction"], "up"),
            (["faults", 0, "intensities", 0], "gray(20)"),
            (["faults", 0, "arguments"], ["x"]),
            (["faults", 1, "shape", "kind"], "wave"),
            (["faults", 4, "services"], ["visits-service"]),
            (["guards", 0, "rule"], "errors > 20"),
            (["guards", 0, "action"], None),
            (["on_failure", "then"], "weep"),
            (["grafana", "annotate"], "yes"),
        ]:
            with self.subTest(f"{path} = {value}"):
                plan = copy.deepcopy(read("gray.yaml"))
                change(plan, path, value)
                self.assertNotEqual(self.complaints(plan), [])


if __name__ == "__main__":
    unittest.main()
