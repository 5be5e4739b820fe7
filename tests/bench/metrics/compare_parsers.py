"""Joins our figures and the peers' into the bench's list, and prints the table."""
import json
import sys

out_path, ours_path, *peer_paths = sys.argv[1:]
with open(ours_path) as file:
    ours = {run["name"]: run for run in json.load(file)["benchmarks"]}
peers = {}
for path in peer_paths:
    with open(path) as file:
        peers.update(json.load(file))

rows = []
for name, peer in sorted(peers.items()):
    who, page = name.split("/", 1)
    for kind in ("parse", "scrape"):
        run = ours[f"{kind}/{page}"]
        mb_per_s = run["bytes_per_second"] / 1e6
        rows.append({"name": f"{kind} {page}", "unit": "MB/s", "ours": round(mb_per_s, 1),
                     "peer": who, "peer_value": round(peer["mb_per_s"], 1),
                     "ratio": round(mb_per_s / peer["mb_per_s"], 2)})
        ns = run["ns_per_sample"] * 1e9
        rows.append({"name": f"{kind} {page}", "unit": "ns/sample", "ours": round(ns, 1),
                     "peer": who, "peer_value": round(peer["ns_per_sample"], 1),
                     "ratio": round(peer["ns_per_sample"] / ns, 2)})
with open(out_path, "w") as file:
    json.dump(rows, file, indent=1)

print(f"{'what':44} {'unit':10} {'ours':>9} {'peer':>20} {'theirs':>9} {'ratio':>6}")
for row in rows:
    print(f"{row['name']:44} {row['unit']:10} {row['ours']:9} {row['peer']:>20} "
          f"{row['peer_value']:9} {row['ratio']:6}")
