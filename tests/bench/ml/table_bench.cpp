// Selection, rolling statistics and features: what needs no network.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "ml/core/features.h"
#include "ml/core/rolling_median.h"
#include "ml/core/scale.h"
#include "ml/core/selection.h"
#include "tests/bench/ml/bench_data.h"

namespace grayling {
namespace {

void Select(benchmark::State& state, SelectionCriterion criterion) {
  const SelectionInput& input = SelectionBenchInput();
  SelectionSettings settings;
  settings.count = kSelectionCount;
  settings.criterion = criterion;
  for (auto _ : state) {
    benchmark::DoNotOptimize(SelectFeatures(input.values, input.labels, settings));
  }
}
BENCHMARK_CAPTURE(Select, fcq, SelectionCriterion::kFRatioQuotient)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Select, mid, SelectionCriterion::kMutualInformationDifference)
    ->Unit(benchmark::kMillisecond);

void RollingMedianAndMad(benchmark::State& state) {
  const std::vector<float>& series = SeriesBenchInput();
  for (auto _ : state) {
    RollingMedian rolling(static_cast<int>(state.range(0)));
    float sum = 0;
    for (const float value : series) {
      rolling.Add(value);
      sum += rolling.median() + rolling.mad();
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(series.size()));
}
BENCHMARK(RollingMedianAndMad)->Arg(kRollingWindows[0])->Arg(kRollingWindows[1]);

// The kinds that torch-less Python has as well; peers.py computes the same four.
void FeaturePass(benchmark::State& state) {
  const Matrix& rows = FeatureBenchInput();
  std::vector<std::string> columns, features;
  for (Eigen::Index c = 0; c < rows.cols(); ++c) {
    columns.push_back(absl::StrCat("c", c));
    for (const char* kind : {"fast", "shift", "peak", "robust_z"}) {
      features.push_back(absl::StrCat(kind, "(context:", columns.back(), ")"));
    }
  }
  const std::vector<ColumnScale> scales(columns.size(), ColumnScale{10, 1});
  auto bank = FeatureBank::Create(columns, scales, {}, features);
  if (!bank.ok()) {
    state.SkipWithError(std::string(bank.status().message()).c_str());
    return;
  }
  for (auto _ : state) {
    bank->Reset();
    for (Eigen::Index r = 0; r < rows.rows(); ++r) {
      bank->Step(absl::MakeConstSpan(rows.row(r).data(), columns.size()));
    }
    benchmark::DoNotOptimize(bank->output());
  }
  state.SetItemsProcessed(state.iterations() * rows.size());
}
BENCHMARK(FeaturePass)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace grayling
