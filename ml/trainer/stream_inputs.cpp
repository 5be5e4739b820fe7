#include "ml/trainer/stream_inputs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <unordered_map>

#include "base/status_macros.h"
#include "ml/core/cleaner.h"
#include "ml/core/features.h"
#include "ml/core/retarget.h"

namespace grayling {

std::vector<std::string> ColumnsWithValues(const Run& run,
                                           const std::vector<std::string>& columns) {
  std::vector<bool> seen(columns.size(), false);
  size_t unseen = columns.size();
  for (Eigen::Index r = 0; r < run.values.rows() && unseen > 0; ++r) {
    for (size_t c = 0; c < columns.size(); ++c) {
      if (seen[c] || std::isnan(run.values(r, static_cast<Eigen::Index>(c)))) continue;
      seen[c] = true;
      --unseen;
    }
  }
  std::vector<std::string> kept;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (seen[c]) kept.push_back(columns[c]);
  }
  return kept;
}

absl::StatusOr<std::vector<StreamRows>> StreamsOf(const Model& trained, const Run& run,
                                                  const std::vector<std::string>& columns) {
  std::unordered_map<std::string, Eigen::Index> index;
  for (size_t c = 0; c < columns.size(); ++c) index[columns[c]] = static_cast<Eigen::Index>(c);
  const Model model = Retarget(trained, ColumnsWithValues(run, columns));
  std::vector<Eigen::Index> positions;
  for (const std::string& column : model.input_columns) {
    const auto entry = index.find(column);
    positions.push_back(entry == index.end() ? -1 : entry->second);
  }
  GRAYLING_ASSIGN_OR_RETURN(FeatureBank bank, FeatureBank::Create(model.input_columns, model.scales,
                                                                  model.services, model.features));
  std::unique_ptr<Cleaner> cleaner;
  if (!model.cleaning.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(cleaner, Cleaner::Create(model.cleaning));
  }
  std::vector<StreamRows> streams(static_cast<size_t>(bank.streams()));
  for (StreamRows& stream : streams) stream.inputs.resize(run.values.rows(), bank.features());
  std::vector<float> row(positions.size());
  for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
    for (size_t c = 0; c < row.size(); ++c) {
      row[c] =
          positions[c] < 0 ? std::numeric_limits<float>::quiet_NaN() : run.values(r, positions[c]);
    }
    if (cleaner) cleaner->Step(absl::MakeSpan(row));
    bank.Step(row);
    for (size_t s = 0; s < streams.size(); ++s) {
      streams[s].inputs.row(r) = bank.output().row(static_cast<Eigen::Index>(s));
      streams[s].present.push_back(bank.present(static_cast<int>(s)));
    }
  }
  return streams;
}

absl::StatusOr<std::vector<float>> LargestOverStreams(
    const std::vector<StreamRows>& streams,
    absl::FunctionRef<absl::StatusOr<std::vector<float>>(const Matrix& inputs)> score) {
  std::vector<float> largest;
  for (const StreamRows& stream : streams) {
    GRAYLING_ASSIGN_OR_RETURN(const std::vector<float> scores, score(stream.inputs));
    largest.resize(scores.size(), -std::numeric_limits<float>::infinity());
    for (size_t r = 0; r < scores.size(); ++r) {
      if (stream.present[r]) largest[r] = std::max(largest[r], scores[r]);
    }
  }
  return largest;
}

}  // namespace grayling
