#!/usr/bin/env python3
"""Our parser's figures beside the peers': compare_parsers.py RESULT.json OURS.json PEER.json ...

Prints the table, and keeps its rows in RESULT.json beside those of other measurements of this room.
"""
import json
import pathlib
import sys

PREFIX = "parser: "


def rows(ours, peers):
    """A ratio above 1 says that ours is faster."""
    for name, theirs in sorted(peers.items()):
        peer, page = name.split("/", 1)
        for way in ("parse", "scrape"):
            run = ours[f"{way}/{page}"]
            speed, cost = run["bytes_per_second"] / 1e6, run["ns_per_sample"]
            yield {"name": f"{PREFIX}{way} {page}", "unit": "MB/s", "ours": speed, "peer": peer,
                   "peer_value": theirs["mb_per_s"], "ratio": speed / theirs["mb_per_s"]}
            yield {"name": f"{PREFIX}{way} {page}", "unit": "ns/sample", "ours": cost, "peer": peer,
                   "peer_value": theirs["ns_per_sample"], "ratio": theirs["ns_per_sample"] / cost}


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    others = json.loads(path.read_text()) if path.exists() else []
    others = [row for row in others if not row["name"].startswith(PREFIX)]
    path.write_text(json.dumps(others + table, indent=1) + "\n")


def main(out, ours_path, *peer_paths):
    ours = {run["name"]: run for run in json.loads(pathlib.Path(ours_path).read_text())["benchmarks"]}
    peers = {}
    for path in peer_paths:
        peers.update(json.loads(pathlib.Path(path).read_text()))
    table = list(rows(ours, peers))
    print(f"\n{'what':48} | {'unit':9} | {'ours':>7} | {'peer':22} | {'peer':>7} | ratio")
    for row in table:
        print(f"{row['name']:48} | {row['unit']:9} | {row['ours']:7.1f} | {row['peer']:22} | "
              f"{row['peer_value']:7.1f} | {row['ratio']:5.2f}")
    print("\nparse: the parser alone. scrape: with the series cache and the batch, every series known."
          "\nprometheus: lexer and value; prometheus (labels): its labels too, as for new series."
          "\nvictoriametrics: rows with their labels taken apart.")
    write(table, pathlib.Path(out))
    print(f"written to {out}")


main(*sys.argv[1:])
