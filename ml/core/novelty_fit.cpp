#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/novelty.h"
#include "ml/core/novelty_moments.h"
#include "ml/core/novelty_state.h"
#include "ml/core/novelty_threshold.h"

namespace grayling {
namespace {

constexpr int64_t kLeastRows = 8;
constexpr int64_t kLeastRowsForFolds = 40;
constexpr int64_t kFewRows = 4000;
constexpr size_t kWideColumns = 256;
constexpr double kShrinkage = 0.01;
// The reference forgets within a third of the training rows: levels that wander within a training
// set that long are taken to wander on.
constexpr double kDriftShare = 3;
constexpr double kFastestDrift = 0.005;
// More multiplications than this for a covariance, and every n-th row must do.
constexpr double kMostProducts = 4e10;
// A model that lacks the held-out rows is worse than the one of all rows, and that one knows the
// rows it is asked about: the truth lies between, as in the .632 bootstrap (Efron 1983).
constexpr double kHeldOutWeight = 0.632;
constexpr float kLeastUsual = 1e-9F;

// Some rows of a run.
struct Stretch {
  const Matrix* values = nullptr;
  Eigen::Index begin = 0;
  Eigen::Index end = 0;
};

int64_t CountRows(absl::Span<const Stretch> stretches) {
  int64_t rows = 0;
  for (const Stretch& stretch : stretches) rows += stretch.end - stretch.begin;
  return rows;
}

std::vector<float> ColumnOf(absl::Span<const Stretch> stretches, Eigen::Index column) {
  std::vector<float> values;
  for (const Stretch& stretch : stretches) {
    for (Eigen::Index row = stretch.begin; row < stretch.end; ++row) {
      values.push_back((*stretch.values)(row, column));
    }
  }
  return values;
}

// Steps `state` through all stretches, each from the beginning; `places` are the columns it reads.
template <typename Visit>
void ForEachRow(absl::Span<const Stretch> stretches, const std::vector<Eigen::Index>& places,
                NoveltyState& state, const Visit& visit) {
  std::vector<float> row(places.size());
  for (const Stretch& stretch : stretches) {
    state.Reset();
    for (Eigen::Index r = stretch.begin; r < stretch.end; ++r) {
      for (size_t c = 0; c < places.size(); ++c) row[c] = (*stretch.values)(r, places[c]);
      state.Step(row);
      visit(state.output());
    }
  }
}

std::vector<NoveltyInput> InputsOf(NoveltyMode mode) {
  switch (mode) {
    case NoveltyMode::kAuto:
      return {NoveltyInput::kLevel, NoveltyInput::kLevelAndChange};
    case NoveltyMode::kForecast:
      return {NoveltyInput::kChange};
    case NoveltyMode::kDistance:
    case NoveltyMode::kPca:
      break;
  }
  return {NoveltyInput::kLevel};
}

struct Fitted {
  NoveltyModel model;
  std::vector<Eigen::Index> places;  // of the model's columns in the rows
};

class Fitter {
 public:
  Fitter(absl::Span<const std::string> columns, NoveltyMode mode)
      : columns_(columns), mode_(mode) {}

  // Everything but the alarm rule. `all_rows`: of the whole training set, for the drift rate.
  // Nothing when no column has a value.
  std::optional<Fitted> Fit(absl::Span<const Stretch> stretches, int64_t all_rows) const {
    Fitted fit;
    FitColumns(stretches, fit);
    if (fit.model.columns.empty()) return std::nullopt;
    const int64_t rows = CountRows(stretches);
    fit.model.training_rows = rows;
    fit.model.drift_rate = static_cast<float>(
        std::min(kFastestDrift, kDriftShare / static_cast<double>(std::max<int64_t>(all_rows, 1))));
    FitParts(stretches, fit);
    FitUsual(stretches, fit);
    return fit;
  }

 private:
  void FitColumns(absl::Span<const Stretch> stretches, Fitted& fit) const {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const std::vector<float> values = ColumnOf(stretches, static_cast<Eigen::Index>(c));
      const bool known = std::any_of(values.begin(), values.end(),
                                     [](float value) { return std::isfinite(value); });
      if (!known) continue;
      fit.model.columns.push_back(columns_[c]);
      fit.model.scales.push_back(FitNoveltyScale(values));
      fit.places.push_back(static_cast<Eigen::Index>(c));
    }
  }

  void FitParts(absl::Span<const Stretch> stretches, Fitted& fit) const {
    const auto columns = static_cast<Eigen::Index>(fit.places.size());
    const double rows = static_cast<double>(CountRows(stretches));
    const double width = static_cast<double>(2 * columns);
    const auto every =
        std::max<int64_t>(1, static_cast<int64_t>(std::ceil(rows * width * width / kMostProducts)));
    Moments moments(2 * columns);
    NoveltyState state(fit.model.scales, fit.model.drift_rate);
    int64_t row = 0;
    ForEachRow(stretches, fit.places, state, [&](const Eigen::VectorXf& inputs) {
      if (row++ % every == 0) moments.Add(inputs);
    });
    const Eigen::VectorXd mean = moments.Mean();
    const Eigen::MatrixXd covariance = moments.Covariance();
    // Fewer rows than columns: directions that never showed any variance are not certain to be
    // without.
    const double shrinkage = kShrinkage + static_cast<double>(columns) / rows;
    for (const NoveltyInput input : InputsOf(mode_)) {
      const Eigen::Index first = input == NoveltyInput::kChange ? columns : 0;
      const Eigen::Index size = input == NoveltyInput::kLevelAndChange ? 2 * columns : columns;
      NoveltyPart part = FitNoveltyPart(
          mean.segment(first, size), covariance.block(first, first, size, size), mode_, shrinkage);
      part.input = input;
      fit.model.parts.push_back(std::move(part));
    }
  }

  void FitUsual(absl::Span<const Stretch> stretches, Fitted& fit) const {
    std::vector<double> sums(fit.model.parts.size(), 0);
    NoveltyState state(fit.model.scales, fit.model.drift_rate);
    std::vector<Eigen::VectorXf> centred(sums.size()), projected(sums.size());
    ForEachRow(stretches, fit.places, state, [&](const Eigen::VectorXf& inputs) {
      for (size_t i = 0; i < sums.size(); ++i) {
        sums[i] += QuadraticForm(fit.model.parts[i], inputs, centred[i], projected[i]);
      }
    });
    for (size_t i = 0; i < sums.size(); ++i) {
      fit.model.parts[i].usual = std::max(
          static_cast<float>(sums[i] / static_cast<double>(fit.model.training_rows)), kLeastUsual);
    }
  }

  absl::Span<const std::string> columns_;
  NoveltyMode mode_;
};

// Strangeness of all rows of `stretches`, one series per stretch.
void AppendScores(const Fitted& fit, absl::Span<const Stretch> stretches,
                  std::vector<std::vector<float>>& series) {
  const auto scorer = NoveltyScorer::Create(fit.model);
  if (!scorer.ok()) return;
  std::vector<float> row(fit.places.size());
  for (const Stretch& stretch : stretches) {
    (*scorer)->Reset();
    std::vector<float>& scores = series.emplace_back();
    for (Eigen::Index r = stretch.begin; r < stretch.end; ++r) {
      for (size_t c = 0; c < row.size(); ++c) row[c] = (*stretch.values)(r, fit.places[c]);
      (*scorer)->Step(row);
      scores.push_back((*scorer)->strangeness());
    }
  }
}

// Whole runs in turn when there are enough of them, else blocks of each run.
std::vector<std::vector<Stretch>> CutIntoFolds(absl::Span<const Stretch> runs, size_t count) {
  std::vector<std::vector<Stretch>> folds(count);
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs.size() >= count) {
      folds[i % count].push_back(runs[i]);
      continue;
    }
    const Eigen::Index rows = runs[i].end - runs[i].begin;
    for (size_t f = 0; f < count; ++f) {
      const auto at = [&](size_t part) {
        return runs[i].begin +
               rows * static_cast<Eigen::Index>(part) / static_cast<Eigen::Index>(count);
      };
      folds[f].push_back({runs[i].values, at(f), at(f + 1)});
    }
  }
  return folds;
}

// Each fold scored by a model of the others. Too few rows for that: scored by the model itself.
std::vector<std::vector<float>> HeldOutScores(const Fitter& fitter, const Fitted& whole,
                                              absl::Span<const Stretch> runs) {
  std::vector<std::vector<float>> series;
  const int64_t rows = CountRows(runs);
  if (rows < kLeastRowsForFolds) {
    AppendScores(whole, runs, series);
    return series;
  }
  // The fewer the rows, the more a model would suffer from those held out.
  const bool wide = whole.model.columns.size() > kWideColumns;
  const size_t count = wide ? 2 : (rows < kFewRows ? 8 : 4);
  const std::vector<std::vector<Stretch>> folds = CutIntoFolds(runs, count);
  for (size_t held_out = 0; held_out < count; ++held_out) {
    std::vector<Stretch> others;
    for (size_t f = 0; f < count; ++f) {
      if (f != held_out) others.insert(others.end(), folds[f].begin(), folds[f].end());
    }
    const std::optional<Fitted> fit = fitter.Fit(others, rows);
    if (fit.has_value()) AppendScores(*fit, folds[held_out], series);
  }
  return series;
}

float Median(const std::vector<std::vector<float>>& series) {
  std::vector<float> all;
  for (const std::vector<float>& values : series)
    all.insert(all.end(), values.begin(), values.end());
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

// `held_out`: strangeness by models without these rows; `known`: by the model itself.
void FitAlarm(std::vector<std::vector<float>> held_out, std::vector<std::vector<float>> known,
              const NoveltySettings& settings, NoveltyModel& model) {
  model.usual_strangeness = Median(held_out);
  const auto choose = [&](std::vector<std::vector<float>>& series) {
    LastingChange lasting(model.usual_strangeness, model.drift_rate);
    for (std::vector<float>& values : series) {
      lasting.Reset();
      for (float& value : values) value = lasting.Step(value);
    }
    return ChooseNoveltyAlarm(series, settings.period_s, settings.false_alarms_per_hour);
  };
  const NoveltyAlarm unseen = choose(held_out);
  const NoveltyAlarm seen = choose(known);
  model.threshold = kHeldOutWeight * unseen.threshold + (1 - kHeldOutWeight) * seen.threshold;
  model.alarm_votes = unseen.votes;
  model.alarm_rows = unseen.rows;
}

}  // namespace

absl::StatusOr<NoveltyModel> FitNovelty(absl::Span<const std::string> columns,
                                        absl::Span<const Run* const> runs,
                                        const NoveltySettings& settings) {
  if (!(settings.period_s > 0) || !(settings.false_alarms_per_hour > 0)) {
    return absl::InvalidArgumentError(
        "the period and the allowed false alarms per hour must be more than 0");
  }
  std::vector<Stretch> stretches;
  for (const Run* run : runs) {
    if (run->values.cols() != static_cast<Eigen::Index>(columns.size())) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the run ", run->id, " has ", run->values.cols(), " columns, not ", columns.size()));
    }
    if (run->values.rows() > 0) stretches.push_back({&run->values, 0, run->values.rows()});
  }
  const int64_t rows = CountRows(stretches);
  if (rows < kLeastRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", rows, " training rows and at least ", kLeastRows,
                     " are needed; mark more runs as split \"train\""));
  }
  const Fitter fitter(columns, settings.mode);
  std::optional<Fitted> fit = fitter.Fit(stretches, rows);
  if (!fit.has_value()) {
    return absl::InvalidArgumentError(
        "no column has a value in any training row; choose other training runs");
  }
  std::vector<std::vector<float>> known;
  AppendScores(*fit, stretches, known);
  FitAlarm(HeldOutScores(fitter, *fit, stretches), std::move(known), settings, fit->model);
  GRAYLING_RETURN_IF_ERROR(CheckNovelty(fit->model));
  return std::move(fit->model);
}

}  // namespace grayling
