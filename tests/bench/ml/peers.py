"""The peers' side of bench-ml: times them on the files that ml_bench wrote, best of a few runs.

usage: peers.py DATA OUT.json   (DATA/mrmr.f32, mrmr.i32, series.f32 and shapes.json come from ml_bench)
"""
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import bottleneck
import numpy
import pandas
from mrmr import mrmr_classif


def best(function, repeats):
    seconds, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def main(folder, out):
    shapes = json.load(open(f"{folder}/shapes.json"))
    results = {}

    rows, columns, count = shapes["mrmr"]
    values = numpy.fromfile(f"{folder}/mrmr.f32", dtype=numpy.float32).reshape(rows, columns)
    labels = numpy.fromfile(f"{folder}/mrmr.i32", dtype=numpy.int32)
    frame = pandas.DataFrame(values.astype(numpy.float64), columns=range(columns))
    target = pandas.Series(labels)
    seconds, picks = best(
        lambda: mrmr_classif(frame, target, K=count, show_progress=False, n_jobs=1), 2)
    results["mrmr_selection"] = {"seconds": seconds, "picks": [int(p) for p in picks]}

    series = numpy.fromfile(f"{folder}/series.f32", dtype=numpy.float32).astype(numpy.float64)
    column = pandas.Series(series)
    for window in shapes["windows"]:
        seconds, _ = best(lambda: column.rolling(window).median(), 3)
        results[f"pandas rolling median {window}"] = {"seconds": seconds}
        seconds, _ = best(lambda: bottleneck.move_median(series, window), 3)
        results[f"bottleneck move_median {window}"] = {"seconds": seconds}

    # The part of the feature pass that pandas has as well: two EWMAs and their difference, the
    # largest of the last five rows, a robust z against the rolling median and MAD of 30 rows.
    rows, columns = shapes["features"]
    table = pandas.DataFrame(
        numpy.fromfile(f"{folder}/features.f32", dtype=numpy.float32).reshape(rows, columns)
        .astype(numpy.float64))

    def features():
        fast = table.ewm(alpha=0.4, adjust=False).mean()
        slow = table.ewm(alpha=0.02, adjust=False).mean()
        peak = table.abs().rolling(5).max()
        median = table.rolling(30).median()
        mad = (table - median).abs().rolling(30).median()
        return fast, fast - slow, peak, (table - median) / (1.4826 * mad + 1e-9)

    seconds, _ = best(features, 2)
    results["pandas features"] = {"seconds": seconds}

    path = f"{folder}/table.csv"
    seconds, _ = best(lambda: pandas.read_csv(path), 2)
    results["pandas read_csv"] = {"seconds": seconds, "bytes": os.path.getsize(path)}
    json.dump(results, open(out, "w"), indent=1)


main(sys.argv[1], sys.argv[2])
