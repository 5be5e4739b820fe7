#include "tests/bench/ml/bench_data.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/csv_writer.h"
#include "ml/core/selection.h"

namespace grayling {
namespace {

SelectionInput MakeSelectionInput() {
  constexpr int kRows = 10000, kColumns = 200, kSources = 25;
  std::mt19937_64 random(11);
  std::normal_distribution<float> normal;
  SelectionInput input{Matrix(kRows, kColumns), std::vector<int>(kRows)};
  std::vector<float> sources(kSources);
  for (int r = 0; r < kRows; ++r) {
    const int label = r / 100 % 5 == 4 ? 1 : 0;
    input.labels[static_cast<size_t>(r)] = label;
    for (int s = 0; s < kSources; ++s) {
      sources[static_cast<size_t>(s)] =
          normal(random) + static_cast<float>(label) * 2.0F / static_cast<float>(1 + s);
    }
    for (int c = 0; c < kColumns; ++c) {
      const float own = 0.3F + 0.02F * static_cast<float>(c % 40);
      input.values(r, c) = sources[static_cast<size_t>(c % kSources)] + own * normal(random);
    }
  }
  return input;
}

std::vector<float> MakeSeries() {
  std::mt19937_64 random(12);
  std::normal_distribution<float> normal;
  std::vector<float> series(100000);
  float level = 0;
  for (float& value : series) {
    level += 0.05F * normal(random);
    value = level + normal(random);
  }
  return series;
}

Matrix MakeFeatureInput() {
  std::mt19937_64 random(13);
  std::normal_distribution<float> normal;
  Matrix values(5000, 100);
  for (Eigen::Index i = 0; i < values.size(); ++i) values.data()[i] = 10 + normal(random);
  return values;
}

template <typename T>
bool WriteRaw(const std::string& path, const T* data, size_t count) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(count * sizeof(T)));
  return file.good();
}

absl::Status WriteTable(const std::string& path) {
  std::mt19937_64 random(14);
  std::normal_distribution<float> normal(0, 1);
  Matrix values(20000, 200);
  for (Eigen::Index i = 0; i < values.size(); ++i) values.data()[i] = 100 + normal(random);
  std::vector<std::string> columns;
  for (int c = 0; c < values.cols(); ++c) columns.push_back(absl::StrCat("service/metric_", c));
  std::vector<double> time;
  for (int r = 0; r < values.rows(); ++r) time.push_back(1.7e9 + r);
  return WriteCsv(path, columns, time, values);
}

}  // namespace

const SelectionInput& SelectionBenchInput() {
  static const SelectionInput input = MakeSelectionInput();
  return input;
}

const std::vector<float>& SeriesBenchInput() {
  static const std::vector<float> series = MakeSeries();
  return series;
}

const Matrix& FeatureBenchInput() {
  static const Matrix values = MakeFeatureInput();
  return values;
}

absl::Status WriteBenchData(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  GRAYLING_RETURN_IF_ERROR(WriteTable(absl::StrCat(folder, "/", kTableFile)));
  const SelectionInput& selection = SelectionBenchInput();
  const std::vector<float>& series = SeriesBenchInput();
  const Matrix& features = FeatureBenchInput();
  nlohmann::json shapes = {
      {"mrmr", {selection.values.rows(), selection.values.cols(), kSelectionCount}},
      {"windows", kRollingWindows},
      {"features", {features.rows(), features.cols()}}};
  nlohmann::json picks = nlohmann::json::array();
  SelectionSettings settings;
  settings.count = kSelectionCount;
  for (const SelectedFeature& pick : SelectFeatures(selection.values, selection.labels, settings)) {
    picks.push_back(pick.column);
  }
  std::ofstream(folder + "/shapes.json") << shapes;
  std::ofstream(folder + "/picks.json") << picks;
  const bool written =
      WriteRaw(folder + "/mrmr.f32", selection.values.data(),
               static_cast<size_t>(selection.values.size())) &&
      WriteRaw(folder + "/mrmr.i32", selection.labels.data(), selection.labels.size()) &&
      WriteRaw(folder + "/series.f32", series.data(), series.size()) &&
      WriteRaw(folder + "/features.f32", features.data(), static_cast<size_t>(features.size()));
  if (written) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write the measurements' data to \"", folder,
                                             "\"; check that the folder has room"));
}

}  // namespace grayling
