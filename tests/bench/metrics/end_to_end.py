#!/usr/bin/env python3
"""Scrape to disk, end to end: the same pages into graylingd, Prometheus and VictoriaMetrics, one
after the other, each alone on the machine. end_to_end.py PAGE_SERVER RESULT.json

SECONDS, TARGETS and SERIES of the environment choose the stream; 600, 200 and 1000 without them.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from systems import SYSTEMS

SECONDS = int(os.environ.get("SECONDS", "600"))
TARGETS = int(os.environ.get("TARGETS", "200"))
SERIES = int(os.environ.get("SERIES", "1000"))
METRIC = "bench_metric_002"  # eight series of a target where SERIES is 30 or more
PREFIX = "end to end: "


def measure(kind, page_server):
    pages = subprocess.Popen([page_server, str(TARGETS), str(SERIES)], stdout=subprocess.PIPE,
                             text=True)
    port = int(pages.stdout.readline())
    with tempfile.TemporaryDirectory(prefix="grayling-bench-") as folder:
        system = kind(folder, port, TARGETS)
        try:
            time.sleep(10)  # until every target is known and was scraped
            samples, cpu, begin = system.samples(), system.cpu_seconds(), time.monotonic()
            time.sleep(SECONDS)
            took = time.monotonic() - begin
            samples = system.samples() - samples
            cpu = system.cpu_seconds() - cpu
            reads = [system.read(METRIC, SECONDS) for _ in range(3)]
            pages.terminate()
            system.make_durable()
            total = system.samples()
            system.stop()
            stored = system.bytes_on_disk()
            count, read_s = min(reads, key=lambda read: read[1])
            if count == 0:
                raise SystemExit(f"end_to_end: {kind.name} has nothing of {METRIC}")
            result = {"samples/s": samples / took, "CPU s per million samples": 1e6 * cpu / samples,
                      "bytes per sample": stored / total, "samples read/s": count / read_s,
                      "samples read": count}
            if hasattr(system, "log_bytes"):
                result["bytes per sample in the log"] = system.log_bytes() / total
            return result
        finally:
            pages.kill()
            pages.wait()
            pages.stdout.close()
            if system.process.poll() is None:
                system.stop()


def rows(results):
    """design.md's rows: a ratio above 1 says that graylingd is better."""
    ours = results[SYSTEMS[0].name]
    for figure, unit, is_more_better in [("samples/s", "1/s", True),
                                         ("CPU s per million samples", "s", False),
                                         ("bytes per sample", "bytes", False),
                                         ("samples read/s", "1/s", True)]:
        for peer in SYSTEMS[1:]:
            theirs = results[peer.name][figure]
            ratio = ours[figure] / theirs if is_more_better else theirs / ours[figure]
            yield {"name": PREFIX + figure, "unit": unit, "ours": ours[figure], "peer": peer.name,
                   "peer_value": theirs, "ratio": ratio}


def write(table, path):
    """Beside the rows that other measurements of the same room have put there."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    others = json.loads(path.read_text()) if path.exists() else []
    others = [row for row in others if not row["name"].startswith(PREFIX)]
    path.write_text(json.dumps(others + table, indent=1) + "\n")


def main(page_server, out):
    offered = TARGETS * SERIES
    print(f"end to end: {TARGETS} targets x {SERIES} series at 1 s for {SECONDS} s each, "
          f"{offered} samples/s offered", flush=True)
    results = {}
    for kind in SYSTEMS:
        print(f"end to end: {kind.name}", flush=True)
        results[kind.name] = measure(kind, page_server)
        print("  " + ", ".join(f"{name} {value:.4g}" for name, value in results[kind.name].items()),
              flush=True)
    table = list(rows(results))
    print(f"\n{'what':38} | {'unit':5} | {'ours':>9} | {'peer':20} | {'peer':>9} | ratio")
    for row in table:
        print(f"{row['name']:38} | {row['unit']:5} | {row['ours']:9.4g} | {row['peer']:20} | "
              f"{row['peer_value']:9.4g} | {row['ratio']:5.2f}")
    print("\nsamples/s is bounded by what is offered. Reads are whole: from the request to text in the "
          "client's hands\n(graylingd: CSV by its CLI; the peers: JSON over HTTP).")
    write(table, out)
    print(f"written to {out}")


main(sys.argv[1], sys.argv[2])
