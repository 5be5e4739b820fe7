#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>

#include "ml/trainer/math_threads.h"
#include "tests/bench/ml/bench_data.h"
#include "tests/bench/ml/csv_bench.h"

// ml_bench DATA [benchmark's own options]: writes the peers' data to the folder DATA, then
// measures.
int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: ml_bench DATA [--benchmark_...]\n");
    return 2;
  }
  std::printf("Math threads: %s\n", grayling::Describe(grayling::UseOneMathThread()).c_str());
  const absl::Status written = grayling::WriteBenchData(argv[1]);
  if (!written.ok()) {
    std::fprintf(stderr, "ml_bench: %s\n", std::string(written.message()).c_str());
    return 1;
  }
  grayling::RegisterCsvBench(argv[1]);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
