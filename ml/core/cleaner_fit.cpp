#include "ml/core/cleaner_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ml/core/relative_range.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

// Of a normal series 1.4826 MAD is the standard deviation.
constexpr double kSigmaPerMad = 1.4826;
constexpr double kLeastMeanShare = 0.05;
constexpr double kLeastRangeShare = 0.1;
// Below this share of its level, or of its spread, a difference is rounding and no step.
constexpr double kRounding = 1e-6;
// On RR. Less is no change that a feature could feel.
constexpr double kLeastThreshold = 0.02;
constexpr double kEventShare = 0.5;
constexpr int kHiddenShare = 4;
constexpr double kTwoRowShare = 0.2;
// Of normal noise the 99.5th percentile of RR is 1.76 to 2.61 times its mean, d2 * c.
constexpr double kMuchOverNoise = 4;

struct WindowRule {
  double least_variability;
  int window;
  double d2;  // mean range of so many standard normal values, in sigmas
};
constexpr WindowRule kWindowRules[] = {
    {0.5, 3, 1.693}, {0.25, 5, 2.326}, {0.1, 7, 2.704}, {0, 10, 3.078}};

const WindowRule& RuleFor(double variability) {
  const WindowRule* rule = std::begin(kWindowRules);
  while (variability < rule->least_variability) ++rule;
  return *rule;
}

// Nearest rank above; reorders `values`, which must not be empty.
float Quantile(std::vector<float>& values, double q) {
  const auto rank =
      static_cast<std::ptrdiff_t>(std::ceil(q * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<size_t>(rank)];
}

// Smallest difference of neighbours in sorted order that is more than rounding; 0: none.
double QuantisationStep(std::vector<float> values, double median) {
  std::sort(values.begin(), values.end());
  const double spread = static_cast<double>(values.back()) - values.front();
  const double rounding = kRounding * std::max(std::abs(median), spread);
  double step = std::numeric_limits<double>::infinity();
  for (size_t i = 1; i < values.size(); ++i) {
    const double difference = static_cast<double>(values[i]) - values[i - 1];
    if (difference > rounding) step = std::min(step, difference);
  }
  return std::isfinite(step) ? step : 0;
}

// Deviations from each run's own median, magnitudes and mean square.
struct Deviations {
  std::vector<float> magnitudes;
  double mean_square = 0;
};

Deviations DeviationsOf(absl::Span<const BaselineStretch> stretches) {
  Deviations deviations;
  for (size_t first = 0; first < stretches.size();) {
    std::vector<float> values;
    const int run = stretches[first].run;
    for (; first < stretches.size() && stretches[first].run == run; ++first) {
      const std::vector<float>& part = stretches[first].values;
      values.insert(values.end(), part.begin(), part.end());
    }
    if (values.empty()) continue;
    const float median = Quantile(values, 0.5);
    for (const float value : values) {
      const double deviation = static_cast<double>(value) - median;
      deviations.magnitudes.push_back(static_cast<float>(std::abs(deviation)));
      deviations.mean_square += deviation * deviation;
    }
  }
  deviations.mean_square /= static_cast<double>(deviations.magnitudes.size());
  return deviations;
}

int LongestSpike(const ColumnCleaning& cleaning, absl::Span<const BaselineStretch> stretches) {
  ColumnCleaning searching = cleaning;
  searching.longest_spike = kLongestSpike;
  const auto cleaner = Cleaner::Create({searching});
  if (!cleaner.ok()) return 1;
  int lengths[kLongestSpike + 1] = {};
  for (const BaselineStretch& stretch : stretches) {
    (*cleaner)->Reset();
    int length = 0;
    for (float value : stretch.values) {
      (*cleaner)->Step(absl::MakeSpan(&value, 1));
      const RowMark mark = (*cleaner)->marks()[0];
      if (mark == RowMark::kSpike) {
        ++length;
        continue;
      }
      if (mark == RowMark::kNone) ++lengths[length];
      length = 0;
    }
  }
  const int spikes = lengths[1] + lengths[2];
  return lengths[2] > 0 && lengths[2] >= kTwoRowShare * spikes ? 2 : 1;
}

struct Stretch {
  const Run* run;
  int index;  // of the run
  Eigen::Index first;
  Eigen::Index last;  // one behind
};

std::vector<Stretch> FaultFreeStretches(absl::Span<const Run* const> runs, double recovery_s) {
  std::vector<Stretch> stretches;
  for (int index = 0; index < static_cast<int>(runs.size()); ++index) {
    const Run* run = runs[static_cast<size_t>(index)];
    const std::vector<RowKind> kinds = KindsOfRows(*run, recovery_s);
    for (size_t row = 0; row < kinds.size(); ++row) {
      if (kinds[row] != RowKind::kFaultFree) continue;
      const auto at = static_cast<Eigen::Index>(row);
      if (row == 0 || kinds[row - 1] != RowKind::kFaultFree)
        stretches.push_back({run, index, at, at});
      stretches.back().last = at + 1;
    }
  }
  return stretches;
}

int ShortestFault(absl::Span<const Run* const> runs) {
  int shortest = 0;
  for (const Run* run : runs) {
    for (const LabelWindow& window : run->windows) {
      const auto first = std::lower_bound(run->time.begin(), run->time.end(), window.start);
      const auto last = std::lower_bound(run->time.begin(), run->time.end(), window.end);
      const int rows = static_cast<int>(last - first);
      if (rows > 0 && (shortest == 0 || rows < shortest)) shortest = rows;
    }
  }
  return shortest;
}

std::vector<float> FiniteValues(const Stretch& stretch, Eigen::Index column) {
  std::vector<float> values;
  for (Eigen::Index row = stretch.first; row < stretch.last; ++row) {
    const float value = stretch.run->values(row, column);
    if (std::isfinite(value)) values.push_back(value);
  }
  return values;
}

}  // namespace

std::vector<ColumnCleaning> FittedCleaning::Cleanings() const {
  std::vector<ColumnCleaning> cleanings;
  cleanings.reserve(columns.size());
  for (const FittedColumn& column : columns) cleanings.push_back(column.cleaning);
  return cleanings;
}

FittedColumn FitColumnCleaning(absl::Span<const BaselineStretch> stretches) {
  FittedColumn fit;
  std::vector<float> all;
  for (const BaselineStretch& stretch : stretches) {
    all.insert(all.end(), stretch.values.begin(), stretch.values.end());
  }
  fit.values = static_cast<int64_t>(all.size());
  fit.reason = CleaningReason::kTooFew;
  if (fit.values < kLeastBaseline) return fit;

  const double median = Quantile(all, 0.5);
  const double step = QuantisationStep(all, median);
  fit.reason = CleaningReason::kConstant;
  if (step == 0) return fit;
  const auto zeros = static_cast<double>(std::count(all.begin(), all.end(), 0.0F));
  fit.reason = CleaningReason::kEvents;
  if (zeros > kEventShare * static_cast<double>(all.size())) return fit;

  Deviations deviations = DeviationsOf(stretches);
  const double spread = kSigmaPerMad * Quantile(deviations.magnitudes, 0.5);
  ColumnCleaning cleaning;
  cleaning.active = true;
  cleaning.epsilon = std::max({1e-9, kLeastMeanShare * std::abs(median), step, spread});
  cleaning.variability = spread / std::max(std::abs(median), cleaning.epsilon);
  cleaning.least_range = std::max(step, kLeastRangeShare * std::sqrt(deviations.mean_square));
  const WindowRule& rule = RuleFor(cleaning.variability);
  cleaning.window = rule.window;
  std::vector<float> ranges;
  for (const BaselineStretch& stretch : stretches) {
    const auto part = TrailingRelativeRanges(stretch.values, cleaning.window, cleaning.epsilon);
    ranges.insert(ranges.end(), part.begin(), part.end());
  }
  fit.reason = CleaningReason::kTooFew;
  if (ranges.size() < kLeastBaseline) return fit;
  cleaning.baseline_low = Quantile(ranges, 0.01);
  cleaning.baseline_high = Quantile(ranges, 0.995);
  cleaning.threshold = std::max(kLeastThreshold, cleaning.baseline_high);
  cleaning.longest_spike = LongestSpike(cleaning, stretches);
  fit.fitted_threshold = cleaning.threshold;
  fit.cleaning = cleaning;
  fit.reason = CleaningReason::kFitted;
  return fit;
}

FittedCleaning FitCleaning(absl::Span<const Run* const> training,
                           const CleaningSettings& settings) {
  FittedCleaning fitted;
  fitted.shortest_fault = ShortestFault(training);
  if (training.empty()) return fitted;
  const std::vector<Stretch> stretches = FaultFreeStretches(training, settings.recovery_s);
  const Eigen::Index columns = training.front()->values.cols();
  for (Eigen::Index column = 0; column < columns; ++column) {
    std::vector<BaselineStretch> baseline;
    baseline.reserve(stretches.size());
    for (const Stretch& stretch : stretches) {
      baseline.push_back({stretch.index, FiniteValues(stretch, column)});
    }
    FittedColumn fit = FitColumnCleaning(baseline);
    ColumnCleaning& cleaning = fit.cleaning;
    if (settings.threshold.has_value()) cleaning.threshold = *settings.threshold;
    if (settings.longest_spike.has_value()) {
      cleaning.longest_spike = *settings.longest_spike;
    } else if (fitted.shortest_fault > 0) {
      cleaning.longest_spike =
          std::min(cleaning.longest_spike, fitted.shortest_fault / kHiddenShare);
    }
    fitted.columns.push_back(fit);
  }
  return fitted;
}

absl::string_view CleaningClass(const FittedColumn& column) {
  switch (column.reason) {
    case CleaningReason::kTooFew:
      return "too few";
    case CleaningReason::kConstant:
      return "constant";
    case CleaningReason::kEvents:
      return "events";
    case CleaningReason::kFitted:
      break;
  }
  if (column.cleaning.window <= 3) return "variable";
  return column.cleaning.window <= 7 ? "moderate" : "nearly constant";
}

std::string ExplainCleaning(const FittedColumn& column, int shortest_fault) {
  const ColumnCleaning& cleaning = column.cleaning;
  switch (column.reason) {
    case CleaningReason::kTooFew:
      return absl::StrCat("passes: only ", column.values, " baseline values");
    case CleaningReason::kConstant:
      return "passes: constant in the baseline, so any change is news";
    case CleaningReason::kEvents:
      return "passes: mostly zero, its values are events";
    case CleaningReason::kFitted:
      break;
  }
  const double noise = RuleFor(cleaning.variability).d2 * cleaning.variability;
  std::string text = "threshold just over its noise";
  if (cleaning.threshold != column.fitted_threshold) {
    text = "threshold as told";
  } else if (cleaning.threshold < noise) {
    text = "threshold under its variability, because it moves slowly";
  } else if (cleaning.threshold > kMuchOverNoise * noise) {
    text = "threshold raised to swings that the baseline shows itself";
  }
  if (cleaning.longest_spike == 0 && shortest_fault > 0) {
    absl::StrAppend(&text, "; no repair, a known fault lasts only ", shortest_fault, " rows");
  } else if (cleaning.longest_spike == 0) {
    absl::StrAppend(&text, "; no repair, as told");
  } else {
    absl::StrAppend(&text, "; repairs ", cleaning.longest_spike,
                    cleaning.longest_spike == 1 ? " row" : " rows");
  }
  return text;
}

}  // namespace grayling
