#include "ml/trainer/training_set.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "absl/algorithm/container.h"
#include "base/status_macros.h"
#include "ml/core/features.h"
#include "ml/core/scale.h"
#include "ml/trainer/injector_footprint.h"
#include "ml/trainer/level_relocation.h"
#include "ml/trainer/training_set_screen.h"

namespace grayling {
namespace {

class Builder {
 public:
  Builder(const std::vector<std::string>& columns, absl::Span<const Run* const> runs,
          const LabelSettings& settings)
      : runs_(runs), settings_(settings) {
    for (size_t c = 0; c < columns.size(); ++c) {
      if (ShowsInjector(FeatureName({FeatureKind::kValue, RoleOf(columns[c]).signal}))) continue;
      set_.columns.push_back(columns[c]);
      positions_.push_back(static_cast<Eigen::Index>(c));
    }
    set_.services = ServicesOf(set_.columns);
    streams_ = std::max<size_t>(1, set_.services.size());
    row_.resize(positions_.size());
    for (const Run* run : runs_) presence_.push_back(Presence(*run));
    FitScales();
  }

  absl::StatusOr<TrainingSet> Build(size_t most_bytes) {
    set_.candidates = CandidateFeatures(set_.columns, set_.services);
    const size_t rows = std::max<size_t>(1, StreamRows());
    const size_t most = most_bytes / sizeof(float) / rows;
    if (set_.candidates.size() > most) GRAYLING_RETURN_IF_ERROR(Screen(most));
    GRAYLING_ASSIGN_OR_RETURN(FeatureBank bank, MakeBank(set_.candidates));
    for (size_t i = 0; i < runs_.size(); ++i) AppendSequences(i, bank);
    if (set_.sequences.empty() || set_.candidates.empty()) {
      return absl::InvalidArgumentError(
          "the training runs hold no rows with values; check the recording with grayling-ml "
          "describe");
    }
    return std::move(set_);
  }

 private:
  absl::StatusOr<FeatureBank> MakeBank(const std::vector<std::string>& features) const {
    return FeatureBank::Create(set_.columns, set_.scales, set_.services, features);
  }

  std::string ServiceOf(size_t stream) const {
    return set_.services.empty() ? std::string() : set_.services[stream];
  }

  absl::Span<const float> Row(const Run& run, Eigen::Index r) {
    for (size_t c = 0; c < positions_.size(); ++c) row_[c] = run.values(r, positions_[c]);
    return row_;
  }

  // Which streams have a value of their own anywhere in the run.
  std::vector<bool> Presence(const Run& run) const {
    std::vector<bool> present(streams_, false);
    for (size_t c = 0; c < positions_.size(); ++c) {
      const std::string owner = RoleOf(set_.columns[c]).service;
      size_t stream = 0;
      if (!set_.services.empty()) {
        stream = static_cast<size_t>(absl::c_find(set_.services, owner) - set_.services.begin());
      }
      if (stream >= streams_ || present[stream]) continue;
      present[stream] = !run.values.col(positions_[c]).array().isNaN().all();
    }
    return present;
  }

  size_t StreamRows() const {
    size_t rows = 0;
    for (size_t i = 0; i < runs_.size(); ++i) {
      rows += runs_[i]->time.size() * static_cast<size_t>(absl::c_count(presence_[i], true));
    }
    return rows;
  }

  void FitScales() {
    std::vector<std::vector<bool>> healthy_rows;
    for (const Run* run : runs_) healthy_rows.push_back(HealthyRows(*run, settings_.recovery_s));
    std::vector<float> healthy;
    std::vector<float> all;
    for (const Eigen::Index column : positions_) {
      healthy.clear();
      all.clear();
      for (size_t i = 0; i < runs_.size(); ++i) {
        for (size_t r = 0; r < runs_[i]->time.size(); ++r) {
          const float value = runs_[i]->values(static_cast<Eigen::Index>(r), column);
          if (std::isnan(value)) continue;
          all.push_back(value);
          if (healthy_rows[i][r]) healthy.push_back(value);
        }
      }
      set_.scales.push_back(FitScale(healthy, all));
    }
    ForgetUnsteadyLevels(runs_, healthy_rows, positions_, set_.scales);
  }

  // Keeps the candidates of those signals that look most telling, at most `most` in all.
  absl::Status Screen(size_t most) {
    std::vector<std::string> signals;
    std::vector<std::string> cheap;
    size_t aggregates = 0;
    for (const std::string& candidate : set_.candidates) {
      GRAYLING_ASSIGN_OR_RETURN(FeatureSpec feature, ParseFeature(candidate));
      if (IsAggregate(feature.kind)) ++aggregates;
      if (feature.kind != FeatureKind::kFast) continue;
      cheap.push_back(candidate);
      cheap.push_back(FeatureName({FeatureKind::kShift, feature.signal}));
      signals.push_back(std::move(feature.signal));
    }
    GRAYLING_ASSIGN_OR_RETURN(FeatureBank bank, MakeBank(cheap));
    FeatureScreen screen(cheap.size());
    for (size_t i = 0; i < runs_.size(); ++i) AddToScreen(i, bank, screen);
    const size_t per_signal =
        1 + (set_.candidates.size() - aggregates) / std::max<size_t>(1, signals.size());
    const size_t room = most > aggregates ? (most - aggregates) / per_signal : 0;
    std::unordered_set<std::string> kept;
    for (const size_t feature : screen.Ranking()) {
      if (kept.size() >= std::max<size_t>(1, room)) break;
      kept.insert(signals[feature / 2]);
    }
    std::erase_if(set_.candidates, [&](const std::string& candidate) {
      const absl::StatusOr<FeatureSpec> feature = ParseFeature(candidate);
      return !feature.ok() || (!IsAggregate(feature->kind) && !kept.contains(feature->signal));
    });
    return absl::OkStatus();
  }

  void AddToScreen(size_t index, FeatureBank& bank, FeatureScreen& screen) {
    const Run& run = *runs_[index];
    std::vector<StreamLabels> labels;
    for (size_t s = 0; s < streams_; ++s) {
      labels.push_back(LabelStream(run, ServiceOf(s), settings_));
    }
    bank.Reset();
    for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
      bank.Step(Row(run, r));
      for (size_t s = 0; s < streams_; ++s) {
        if (!bank.present(static_cast<int>(s))) continue;
        const auto values = bank.output().row(static_cast<Eigen::Index>(s));
        screen.Add(absl::MakeConstSpan(values.data(), static_cast<size_t>(values.size())),
                   labels[s], static_cast<size_t>(r));
      }
    }
  }

  void AppendSequences(size_t index, FeatureBank& bank) {
    const Run& run = *runs_[index];
    std::vector<CandidateSequence> sequences(streams_);
    for (size_t s = 0; s < streams_; ++s) {
      if (!presence_[index][s]) continue;
      sequences[s].features.resize(run.values.rows(), bank.features());
      sequences[s].labels = LabelStream(run, ServiceOf(s), settings_);
      sequences[s].group = run.group.empty() ? run.id : run.group;
    }
    bank.Reset();
    for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
      bank.Step(Row(run, r));
      for (size_t s = 0; s < streams_; ++s) {
        if (!presence_[index][s]) continue;
        sequences[s].features.row(r) = bank.output().row(static_cast<Eigen::Index>(s));
        if (!bank.present(static_cast<int>(s))) {
          sequences[s].labels.weights[static_cast<size_t>(r)] = 0;
        }
      }
    }
    for (size_t s = 0; s < streams_; ++s) {
      if (presence_[index][s]) set_.sequences.push_back(std::move(sequences[s]));
    }
  }

  absl::Span<const Run* const> runs_;
  const LabelSettings& settings_;
  TrainingSet set_;
  std::vector<Eigen::Index> positions_;      // of set_.columns in the runs
  std::vector<std::vector<bool>> presence_;  // runs x streams
  size_t streams_ = 1;
  std::vector<float> row_;
};

}  // namespace

absl::StatusOr<TrainingSet> BuildTrainingSet(const std::vector<std::string>& columns,
                                             absl::Span<const Run* const> runs,
                                             const LabelSettings& settings, size_t most_bytes) {
  return Builder(columns, runs, settings).Build(most_bytes);
}

}  // namespace grayling
