"""grayling-ml from end to end on a directory: every subcommand, on a small shop that this file makes.

Needs no lab. Sets in $GRAYLING_DATA are tried as well; where it is absent that is said and skipped.
"""
import csv
import json
import os
import random
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["GRAYLING_ML"]
DATA = Path(os.environ.get("GRAYLING_DATA", ""))
SERVICES = ("shop", "cart", "stock")
ROWS, PERIOD, GROUPS = 300, 5, 4


def ml(*arguments, ok=True):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=240)
    if ok and done.returncode != 0:
        raise AssertionError(f"grayling-ml {arguments} ended with {done.returncode}: {done.stderr}")
    return done


def read_rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def make_shop(folder, split_last=False):
    """Two call edges, one slow service at a time: the callers see it, and so does its own CPU."""
    rng = random.Random(3)
    columns = [f"{s}/{m}" for s in SERVICES for m in ("cpu", "heap", "rtt_ms")]
    columns += ["shop>cart/latency_ms", "shop>stock/latency_ms", "client_p99_ms"]
    runs = []
    (folder / "runs").mkdir(parents=True)
    for group in range(GROUPS):
        windows = []
        for k, start in enumerate((40, 100, 160, 220)):
            service = SERVICES[1 + (k + group) % 2]
            windows.append({"start": 1e9 + start * PERIOD, "end": 1e9 + (start + 12) * PERIOD,
                            "label": "cpu" if k % 2 else "net", "service": service})
        with open(folder / f"runs/r{group}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["time"] + columns)
            for row in range(ROWS):
                time = 1e9 + row * PERIOD
                hurt = next((w for w in windows if w["start"] <= time < w["end"]), None)
                values = []
                for service in SERVICES:
                    mine = hurt and hurt["service"] == service
                    values.append(0.4 + rng.gauss(0, 0.03) + (0.4 if mine and hurt["label"] == "cpu" else 0))
                    values.append(500 + rng.gauss(0, 4))
                    values.append(2 + rng.gauss(0, 0.2) + (1.5 if mine else 0))
                for service in SERVICES[1:]:
                    mine = hurt and hurt["service"] == service
                    values.append(20 + rng.gauss(0, 1.5) + (15 if mine else 0))
                values.append(60 + rng.gauss(0, 5) + (20 if hurt else 0))
                writer.writerow([f"{time:.0f}"] + [f"{v:.5f}" if rng.random() > 0.01 else "" for v in values])
        split = ("test" if group == GROUPS - 1 else "train") if split_last else None
        runs.append({"id": f"r{group}", "file": f"runs/r{group}.csv", "group": f"g{group}", "split": split,
                     "entity": None, "windows": windows})
    (folder / "dataset.json").write_text(json.dumps(
        {"format": "grayling-dataset/1", "name": "small shop", "description": "made by a test", "licence": "CC0",
         "source": "test_analysis.py", "period_s": PERIOD,
         "edges": [["shop", "cart"], ["shop", "stock"]], "runs": runs}))


class Analysis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Path(tempfile.mkdtemp(prefix="grayling-analysis-"))
        cls.shop = cls.root / "shop"
        make_shop(cls.shop)
        cls.marked = cls.root / "marked"
        make_shop(cls.marked, split_last=True)
        cls.model = cls.root / "model.grayling"
        ml("fit", cls.marked, "--out", cls.model, "--arch", "lstm", "--epochs", 15)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def test_describe_ranks_the_column_that_a_fault_moves(self):
        report = json.loads(ml("describe", self.shop, "--json").stdout)
        self.assertIn("cart/cpu", json.dumps(report))
        self.assertIn("latency_ms", ml("describe", self.shop).stdout)

    def test_denoise_writes_a_data_set_that_reads_back(self):
        out = self.root / "clean"
        self.assertIn("window", ml("denoise", self.shop, "--out", out, "--explain").stdout.lower())
        self.assertIn("small shop", ml("describe", out).stdout)

    def test_select_names_features_and_draws_the_curve(self):
        text = ml("select", self.shop, "--count", 6).stdout
        self.assertRegex(text, r"latency_ms|rtt_ms|robust_z")

    def test_fit_and_evaluate_find_the_held_out_faults(self):
        result = json.loads(ml("evaluate", self.model, self.marked, "--json").stdout)
        judged = result["detectors"][0]
        self.assertEqual(judged["events"], 4)
        self.assertGreaterEqual(judged["event_recall"], 0.75)

    def test_score_gives_every_row_once(self):
        out = self.root / "scores.csv"
        ml("score", self.model, self.marked, "--out", out)
        rows = read_rows(out)
        self.assertEqual(len(rows), GROUPS * ROWS)
        self.assertEqual(len({(r["run"], r["time"]) for r in rows}), GROUPS * ROWS)

    def test_crossval_scores_every_row_out_of_fold_and_finds_the_faults(self):
        out = self.root / "crossval.csv"
        ml("crossval", self.shop, "--out", out, "--arch", "lstm", "--epochs", 15)
        self.assertEqual(len(read_rows(out)), GROUPS * ROWS)
        judged = json.loads(ml("evaluate", "--scores", out, self.shop, "--json").stdout)["detectors"][0]
        self.assertGreaterEqual(judged["event_recall"], 0.75)
        self.assertLess(judged["false_alarm_share"], 0.1)

    def test_crossval_without_labels_needs_no_window(self):
        out = self.root / "unsupervised.csv"
        ml("crossval", self.shop, "--unsupervised", "--out", out)
        self.assertEqual(len(read_rows(out)), GROUPS * ROWS)

    def test_localize_blames_the_slow_service(self):
        out = self.root / "ranking.json"
        ml("localize", self.shop, "--out", out)
        truth = {(r["id"], w["start"]): w["service"]
                 for r in json.loads((self.shop / "dataset.json").read_text())["runs"] for w in r["windows"]}
        ranked = json.loads(out.read_text())
        first = sum(truth[(entry["run"], entry["start"])] == entry["ranking"][0] for entry in ranked)
        self.assertEqual(len(ranked), len(truth))
        self.assertGreaterEqual(first, 0.8 * len(truth))

    def test_report_is_one_page_that_fetches_nothing(self):
        out = self.root / "report.html"
        ml("report", self.marked, "--model", self.model, "--out", out)
        page = out.read_text()
        self.assertIn("small shop", page)
        self.assertNotRegex(page, r"(src|href)=\"?https?:")

    def test_rows_to_be_judged_change_nothing_that_is_fitted(self):
        spoilt = self.root / "spoilt"
        shutil.copytree(self.marked, spoilt)
        lines = (spoilt / "runs/r3.csv").read_text().splitlines()
        garbage = [lines[0]] + [f"{line.split(',')[0]}" + ",987654" * lines[0].count(",") for line in lines[1:]]
        (spoilt / "runs/r3.csv").write_text("\r\n".join(garbage) + "\r\n")
        other = self.root / "other.grayling"
        ml("fit", spoilt, "--out", other, "--arch", "lstm", "--epochs", 15)
        for name, model in (("a.csv", self.model), ("b.csv", other)):
            ml("score", model, self.marked, "--out", self.root / name)
        self.assertEqual((self.root / "a.csv").read_text(), (self.root / "b.csv").read_text())

    def test_a_damaged_model_is_refused_in_one_sentence(self):
        damaged = self.root / "damaged.grayling"
        content = self.model.read_bytes()
        damaged.write_bytes(content[: len(content) // 2])
        done = ml("evaluate", damaged, self.marked, ok=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn(str(damaged), done.stderr)

    def test_public_sets_are_described_and_denoised(self):
        if not (DATA / "nezha-ob").is_dir():
            self.skipTest("GRAYLING_DATA names no folder with the public sets")
        for name in ("nezha-ob", "nab", "smd8"):
            self.assertIn("runs", ml("describe", DATA / name).stdout)
            self.assertIn("\n", ml("denoise", DATA / name, "--out", self.root / f"clean-{name}").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
