#include "ml/core/novelty.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/alarm_votes.h"
#include "ml/core/novelty_moments.h"
#include "ml/core/novelty_state.h"
#include "ml/core/novelty_threshold.h"

namespace grayling {
namespace {

constexpr std::array<std::pair<NoveltyMode, const char*>, 4> kModes = {{
    {NoveltyMode::kAuto, "auto"},
    {NoveltyMode::kDistance, "distance"},
    {NoveltyMode::kForecast, "forecast"},
    {NoveltyMode::kPca, "pca"},
}};

absl::Status Unfit(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the novelty model does not fit together: ", what, "; fit it again"));
}

absl::Status CheckPart(const NoveltyPart& part, size_t columns) {
  const size_t inputs = part.input == NoveltyInput::kLevelAndChange ? 2 * columns : columns;
  if (static_cast<size_t>(part.mean.size()) != inputs) {
    return Unfit(absl::StrCat("a part's mean has ", part.mean.size(), " values for ", inputs));
  }
  if (part.directions.rows() != part.weights.size() ||
      (part.directions.rows() > 0 && part.directions.cols() != part.mean.size())) {
    return Unfit(absl::StrCat("a part's directions are ", part.directions.rows(), " x ",
                              part.directions.cols(), " for ", part.weights.size(), " weights and ",
                              part.mean.size(), " inputs"));
  }
  if (!part.mean.allFinite() || !part.directions.allFinite() || !part.weights.allFinite() ||
      !std::isfinite(part.rest_weight)) {
    return Unfit("a part holds a number that is not finite");
  }
  if (!(part.usual > 0) || !std::isfinite(part.usual)) {
    return Unfit("a part's usual value is not positive");
  }
  return absl::OkStatus();
}

class QuadraticScorer : public NoveltyScorer {
 public:
  explicit QuadraticScorer(const NoveltyModel& model)
      : parts_(model.parts),
        threshold_(static_cast<float>(model.threshold)),
        state_(model.scales, model.drift_rate),
        lasting_(model.usual_strangeness, model.drift_rate),
        votes_(model.alarm_votes, model.alarm_rows),
        centred_(parts_.size()),
        projected_(parts_.size()) {
    for (size_t i = 0; i < parts_.size(); ++i) {
      centred_[i].resize(parts_[i].mean.size());
      projected_[i].resize(parts_[i].weights.size());
      // An empty matrix may have come back from a file without its width.
      if (parts_[i].directions.rows() == 0) parts_[i].directions.resize(0, parts_[i].mean.size());
    }
  }

  void Reset() override {
    state_.Reset();
    lasting_.Reset();
    votes_.Reset();
    strangeness_ = 0;
    alarm_ = false;
  }

  float Step(absl::Span<const float> row) override {
    state_.Step(row);
    float sum = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const float q = QuadraticForm(parts_[i], state_.output(), centred_[i], projected_[i]);
      sum += std::log1p(q / parts_[i].usual);
    }
    strangeness_ = sum / static_cast<float>(parts_.size());
    alarm_ = votes_.Add(lasting_.Step(strangeness_) >= threshold_);
    return strangeness_ / (strangeness_ + threshold_);
  }

  bool alarm() const override { return alarm_; }
  float strangeness() const override { return strangeness_; }

 private:
  std::vector<NoveltyPart> parts_;
  float threshold_;
  NoveltyState state_;
  LastingChange lasting_;
  AlarmVotes votes_;
  std::vector<Eigen::VectorXf> centred_;  // scratch, per part
  std::vector<Eigen::VectorXf> projected_;
  float strangeness_ = 0;
  bool alarm_ = false;
};

}  // namespace

std::string NoveltyModeName(NoveltyMode mode) {
  const auto* found = std::find_if(kModes.begin(), kModes.end(),
                                   [&](const auto& entry) { return entry.first == mode; });
  return found->second;
}

absl::StatusOr<NoveltyMode> ParseNoveltyMode(absl::string_view name) {
  for (const auto& [mode, known] : kModes) {
    if (name == known) return mode;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" is no way to detect novelty; choose auto, distance, forecast or pca"));
}

absl::Status CheckNovelty(const NoveltyModel& model) {
  if (model.columns.empty()) return Unfit("it reads no column");
  if (model.scales.size() != model.columns.size()) {
    return Unfit(
        absl::StrCat(model.scales.size(), " scales for ", model.columns.size(), " columns"));
  }
  for (const ColumnScale& scale : model.scales) {
    if (!std::isfinite(scale.median) || !std::isfinite(scale.scale) || !(scale.scale > 0)) {
      return Unfit("a scale is not positive");
    }
  }
  if (!(model.drift_rate >= 0 && model.drift_rate < 1)) return Unfit("drift_rate is not in [0, 1)");
  if (model.parts.empty()) return Unfit("it has no part");
  for (const NoveltyPart& part : model.parts) {
    GRAYLING_RETURN_IF_ERROR(CheckPart(part, model.columns.size()));
  }
  if (!(model.threshold > 0) || !std::isfinite(model.threshold)) {
    return Unfit("the threshold is not positive");
  }
  if (!std::isfinite(model.usual_strangeness)) return Unfit("usual_strangeness is not finite");
  if (model.alarm_votes < 1 || model.alarm_rows < model.alarm_votes) {
    return Unfit(absl::StrCat("an alarm cannot need ", model.alarm_votes, " of ", model.alarm_rows,
                              " rows"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NoveltyScorer>> NoveltyScorer::Create(const NoveltyModel& model) {
  GRAYLING_RETURN_IF_ERROR(CheckNovelty(model));
  return std::make_unique<QuadraticScorer>(model);
}

}  // namespace grayling
