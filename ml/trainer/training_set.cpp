#include "ml/trainer/training_set.h"

#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "ml/core/features.h"
#include "ml/core/scale.h"
#include "ml/trainer/injector_footprint.h"

namespace grayling {
namespace {

std::vector<ColumnScale> FitScales(size_t columns, absl::Span<const Run* const> runs,
                                   double recovery_s) {
  std::vector<ColumnScale> scales;
  std::vector<std::vector<bool>> healthy_rows;
  for (const Run* run : runs) healthy_rows.push_back(HealthyRows(*run, recovery_s));
  std::vector<float> healthy;
  std::vector<float> all;
  for (size_t c = 0; c < columns; ++c) {
    healthy.clear();
    all.clear();
    for (size_t i = 0; i < runs.size(); ++i) {
      for (size_t r = 0; r < runs[i]->time.size(); ++r) {
        const float value =
            runs[i]->values(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c));
        if (std::isnan(value)) continue;
        all.push_back(value);
        if (healthy_rows[i][r]) healthy.push_back(value);
      }
    }
    scales.push_back(FitScale(healthy, all));
  }
  return scales;
}

void AppendSequences(const Run& run, FeatureBank& bank, const LabelSettings& settings,
                     TrainingSet& set) {
  const auto streams = static_cast<size_t>(bank.streams());
  std::vector<CandidateSequence> sequences(streams);
  std::vector<bool> ever_present(streams, false);
  for (size_t s = 0; s < streams; ++s) {
    sequences[s].features.resize(run.values.rows(), bank.features());
    sequences[s].labels =
        LabelStream(run, set.services.empty() ? std::string() : set.services[s], settings);
  }
  bank.Reset();
  for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
    bank.Step(absl::MakeConstSpan(run.values.row(r).data(), set.columns.size()));
    for (size_t s = 0; s < streams; ++s) {
      const auto stream = static_cast<Eigen::Index>(s);
      sequences[s].features.row(r) = bank.output().row(stream);
      if (bank.present(static_cast<int>(s))) {
        ever_present[s] = true;
      } else {
        sequences[s].labels.weights[static_cast<size_t>(r)] = 0;
      }
    }
  }
  for (size_t s = 0; s < streams; ++s) {
    if (ever_present[s]) set.sequences.push_back(std::move(sequences[s]));
  }
}

}  // namespace

absl::StatusOr<TrainingSet> BuildTrainingSet(const std::vector<std::string>& columns,
                                             absl::Span<const Run* const> runs,
                                             const LabelSettings& settings) {
  TrainingSet set;
  set.columns = columns;
  set.services = ServicesOf(columns);
  set.scales = FitScales(columns.size(), runs, settings.recovery_s);
  for (std::string& feature : CandidateFeatures(set.columns, set.services)) {
    if (!ShowsInjector(feature)) set.candidates.push_back(std::move(feature));
  }
  GRAYLING_ASSIGN_OR_RETURN(
      FeatureBank bank, FeatureBank::Create(set.columns, set.scales, set.services, set.candidates));
  for (const Run* run : runs) AppendSequences(*run, bank, settings, set);
  if (set.sequences.empty() || set.candidates.empty()) {
    return absl::InvalidArgumentError(
        "the training runs hold no rows with values; check the recording with grayling-ml "
        "describe");
  }
  return set;
}

}  // namespace grayling
