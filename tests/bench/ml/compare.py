"""Sets ours beside the peers': prints a table and writes build/bench/ml.json.

usage: compare.py FOLDER OUT.json   (ours.json, peers.json, torch.json, data/picks.json in FOLDER)
A ratio over 1 means that ours is faster.
"""
import json
import sys


def main(folder, out):
    # Google Benchmark gives nanoseconds or milliseconds per iteration.
    to_seconds = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    ours, items, speed = {}, {}, {}
    for row in json.load(open(f"{folder}/ours.json"))["benchmarks"]:
        name = row["name"].removesuffix("/iterations:3")
        ours[name] = row["cpu_time"] * to_seconds[row["time_unit"]]
        items[name] = row.get("items_per_second")
        speed[name] = row.get("bytes_per_second")
    peers = json.load(open(f"{folder}/peers.json"))
    peers.update(json.load(open(f"{folder}/torch.json")))

    table = []

    def add(name, unit, value, peer, peer_value):
        table.append({"name": name, "unit": unit, "ours": value, "peer": peer,
                      "peer_value": peer_value, "ratio": peer_value / value})

    picks = json.load(open(f"{folder}/data/picks.json"))
    same = picks == peers["mrmr_selection"]["picks"]
    add("mRMR FCQ, 20 of 200 features, 10,000 rows" + (", equal picks" if same else ", OTHER PICKS"),
        "ms", 1e3 * ours["Select/fcq"], "mrmr_selection", 1e3 * peers["mrmr_selection"]["seconds"])
    add("mRMR MID on 5 bins, same data", "ms", 1e3 * ours["Select/mid"],
        "mrmr_selection FCQ (it has no MID)", 1e3 * peers["mrmr_selection"]["seconds"])
    for window in (31, 101):
        value = 1e9 / items[f"RollingMedianAndMad/{window}"]
        for peer in ("pandas rolling median", "bottleneck move_median"):
            add(f"rolling median and MAD, window {window}", "ns/element", value,
                f"{peer} (no MAD)", 1e4 * peers[f"{peer} {window}"]["seconds"])
    add("feature pass, 4 kinds, 100 columns", "ns/cell", 1e9 / items["FeaturePass"], "pandas",
        1e9 * peers["pandas features"]["seconds"] / 500_000)
    add("LSTM(24 > 64) and head, one row", "us", 1e6 * ours["StepEigen"], "libtorch",
        1e6 * ours["StepLibtorch"])
    for hidden, what in (("64", "LSTM(64)"), ("128", "four averaged LSTM(32), as fit writes")):
        add(f"features and {what}, per service and row", "us", 1e6 / items[f"DetectorRow/{hidden}"],
            "libtorch's LSTM(64) step alone", 1e6 * ours["StepLibtorch"])
    add("training epoch, 6,400 x 60 x 24, hidden 64", "s", ours["Epoch/fused"],
        "libtorch nn::LSTM, same loop", ours["Epoch/stock"])
    add("training epoch, 6,400 x 60 x 24, hidden 64", "s", ours["Epoch/fused"],
        "Python torch 1.13, plain BCE and Adam", peers["python torch epoch"]["seconds"])

    csv = peers["pandas read_csv"]
    add("read a CSV of 20,000 x 200", "ms", 1e3 * ours["ReadTable"], "pandas read_csv",
        1e3 * csv["seconds"])

    width = max(len(row["name"]) for row in table)
    peer_width = max(len(row["peer"]) for row in table)
    print(f"\n{'what':{width}} | {'unit':10} | {'ours':>9} | {'peer':{peer_width}} | {'peer':>9} | ratio")
    for row in table:
        print(f"{row['name']:{width}} | {row['unit']:10} | {row['ours']:9.3g} | "
              f"{row['peer']:{peer_width}} | {row['peer_value']:9.3g} | {row['ratio']:5.1f}")
    print(f"\nThe CSV was read at {speed['ReadTable'] / 1e6:.0f} MB/s.")
    json.dump(table, open(out, "w"), indent=1)
    print(f"\nwritten to {out}")


main(sys.argv[1], sys.argv[2])
