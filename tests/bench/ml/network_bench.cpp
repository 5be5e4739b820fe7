// One row through the network, one row through the whole detector, and one training epoch; each
// beside libtorch itself. The shape of an epoch: 6,400 windows x 60 rows x 24 features, hidden 64.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "ml/core/detector.h"
#include "ml/core/network_stepper.h"
#include "ml/trainer/network.h"

namespace grayling {
namespace {

constexpr int kFeatures = 24, kHidden = 64, kWindows = 6400, kRows = 60, kBatch = 64;

Matrix Random(int rows, int columns, float spread) {
  std::mt19937_64 random(static_cast<uint64_t>(rows * 1000 + columns));
  std::normal_distribution<float> normal(0, spread);
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = normal(random);
  return matrix;
}

NetworkWeights Lstm(int features, int hidden) {
  NetworkWeights weights;
  weights.layers.push_back({Random(4 * hidden, features, 0.2F),
                            Random(4 * hidden, hidden, 0.2F),
                            Random(4 * hidden, 1, 0.2F),
                            {}});
  weights.head_weights = Random(hidden, 1, 0.2F);
  return weights;
}

void StepEigen(benchmark::State& state) {
  const auto stepper = NetworkStepper::Create(Lstm(kFeatures, kHidden), kFeatures, 1);
  const Matrix input = Random(1, kFeatures, 1);
  const absl::Span<const float> row(input.data(), kFeatures);
  for (auto _ : state) benchmark::DoNotOptimize((*stepper)->Step(0, row));
}
BENCHMARK(StepEigen);

void StepLibtorch(benchmark::State& state) {
  const c10::InferenceMode inference;
  torch::nn::LSTM lstm(torch::nn::LSTMOptions(kFeatures, kHidden));
  torch::nn::Linear head(kHidden, 1);
  const torch::Tensor input = torch::randn({1, 1, kFeatures});
  auto memory = std::make_tuple(torch::zeros({1, 1, kHidden}), torch::zeros({1, 1, kHidden}));
  for (auto _ : state) {
    auto [output, after] = lstm->forward(input, memory);
    memory = after;
    benchmark::DoNotOptimize(torch::sigmoid(head->forward(output)));
  }
}
BENCHMARK(StepLibtorch);

// Features and network, four services: the time is per service and row. 128 units: the four
// averaged LSTM(32) that `fit` writes by default.
void DetectorRow(benchmark::State& state) {
  const std::vector<std::string> services = {"gateway", "customers", "visits", "vets"};
  const std::vector<std::string> metrics = {"cpu",    "memory",   "duration_mean",
                                            "errors", "pressure", "srtt"};
  Model model;
  model.services = services;
  for (const std::string& service : services) {
    for (const std::string& metric : metrics)
      model.input_columns.push_back(absl::StrCat(service, "/", metric));
  }
  model.scales.assign(model.input_columns.size(), ColumnScale{0, 1});
  for (const char* kind : {"fast", "shift", "peak", "robust_z"}) {
    for (const std::string& metric : metrics) {
      model.features.push_back(absl::StrCat(kind, "(", metric, ")"));
    }
  }
  model.network = Lstm(kFeatures, static_cast<int>(state.range(0)));
  const auto detector = Detector::Create(model);
  if (!detector.ok()) {
    state.SkipWithError(std::string(detector.status().message()).c_str());
    return;
  }
  const Matrix rows = Random(1000, static_cast<int>(model.input_columns.size()), 1);
  Eigen::Index r = 0;
  for (auto _ : state) {
    const auto row = absl::MakeConstSpan(rows.row(r).data(), model.input_columns.size());
    benchmark::DoNotOptimize((*detector)->Step(row));
    r = (r + 1) % rows.rows();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(services.size()));
}
BENCHMARK(DetectorRow)->Arg(kHidden)->Arg(128);

void Epoch(benchmark::State& state, bool fused) {
  std::vector<TrainingSequence> sequences(kWindows);
  std::mt19937_64 random(5);
  for (TrainingSequence& sequence : sequences) {
    sequence.inputs = Random(kRows, kFeatures, 1);
    for (int r = 0; r < kRows; ++r) {
      sequence.targets.push_back(random() % 5 == 0 ? 1.0F : 0.0F);
      sequence.weights.push_back(1);
    }
  }
  NetworkSettings settings;
  settings.hidden = kHidden;
  settings.epochs = 1;
  settings.batch = kBatch;
  settings.crop_rows = kRows;
  settings.fused = fused;
  for (auto _ : state) {
    const auto weights = TrainNetwork(sequences, settings, {});
    if (!weights.ok()) {
      state.SkipWithError(std::string(weights.status().message()).c_str());
      return;
    }
    benchmark::DoNotOptimize(weights->head_bias);
  }
}
BENCHMARK_CAPTURE(Epoch, fused, true)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK_CAPTURE(Epoch, stock, false)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace grayling
