#include "tests/bench/ml/csv_bench.h"

#include <benchmark/benchmark.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "ml/core/csv_reader.h"
#include "tests/bench/ml/bench_data.h"

namespace grayling {
namespace {

void ReadTable(benchmark::State& state, const std::string& path) {
  for (auto _ : state) {
    const auto table = ReadCsv(path);
    if (!table.ok()) {
      state.SkipWithError(std::string(table.status().message()).c_str());
      return;
    }
    benchmark::DoNotOptimize(table->values.data());
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(std::filesystem::file_size(path)));
}

}  // namespace

void RegisterCsvBench(const std::string& folder) {
  benchmark::RegisterBenchmark("ReadTable", ReadTable, absl::StrCat(folder, "/", kTableFile))
      ->Unit(benchmark::kMillisecond);
}

}  // namespace grayling
