#include "ml/core/resample.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
// Of a period: times that were written with few digits still belong to their instant.
constexpr double kRounding = 1e-6;
constexpr std::pair<const char*, AlignRule> kRules[] = {{"last", AlignRule::kLast},
                                                        {"mean", AlignRule::kMean},
                                                        {"rate", AlignRule::kRate},
                                                        {"increase", AlignRule::kIncrease}};

// One column's values within the interval under way, and the last one before it.
struct Cell {
  double sum = 0;
  size_t count = 0;
  float last = kMissing;
  double last_time = 0;
  float previous = kMissing;
  double previous_time = 0;

  void Add(double time, float value) {
    if (std::isnan(value)) return;
    sum += static_cast<double>(value);
    ++count;
    last = value;
    last_time = time;
  }

  // The value of the interval, which ends here.
  float Close(AlignRule rule) {
    if (count == 0) return kMissing;
    const double rise = static_cast<double>(last) - static_cast<double>(previous);
    float value = kMissing;
    if (rule == AlignRule::kLast) value = last;
    if (rule == AlignRule::kMean) value = static_cast<float>(sum / static_cast<double>(count));
    // A comparison with a missing previous value is false too.
    if (rule == AlignRule::kIncrease && rise >= 0) value = static_cast<float>(rise);
    if (rule == AlignRule::kRate && rise >= 0) {
      value = static_cast<float>(rise / (last_time - previous_time));
    }
    previous = last;
    previous_time = last_time;
    sum = 0;
    count = 0;
    return value;
  }
};

Run AlignRun(const Run& run, double period_s, AlignRule rule) {
  Run aligned{.id = run.id,
              .group = run.group,
              .split = run.split,
              .entity = run.entity,
              .time = {},
              .values = {},
              .windows = run.windows};
  const auto interval_of = [period_s](double time) {
    return std::ceil(time / period_s - kRounding);
  };
  for (const double time : run.time) {
    const double end = interval_of(time) * period_s;
    if (aligned.time.empty() || aligned.time.back() < end) aligned.time.push_back(end);
  }
  const Eigen::Index columns = run.values.cols();
  aligned.values.resize(static_cast<Eigen::Index>(aligned.time.size()), columns);
  std::vector<Cell> cells(static_cast<size_t>(columns));
  size_t next = 0;
  for (size_t r = 0; r < aligned.time.size(); ++r) {
    for (; next < run.time.size() && interval_of(run.time[next]) * period_s <= aligned.time[r];
         ++next) {
      const float* const row = run.values.data() + static_cast<Eigen::Index>(next) * columns;
      for (size_t c = 0; c < cells.size(); ++c) cells[c].Add(run.time[next], row[c]);
    }
    for (size_t c = 0; c < cells.size(); ++c) {
      aligned.values(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) =
          cells[c].Close(rule);
    }
  }
  return aligned;
}

}  // namespace

absl::StatusOr<AlignRule> ParseAlignRule(absl::string_view name) {
  for (const auto& [known, rule] : kRules) {
    if (name == known) return rule;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is no rule of alignment; use last, mean, rate or increase"));
}

absl::StatusOr<Dataset> AlignDataset(const Dataset& dataset, double period_s, AlignRule rule) {
  if (!(period_s >= dataset.period_s) || !std::isfinite(period_s)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a grid of ", period_s, " s is finer than the rows, which come every ",
                     dataset.period_s, " s; choose that or a longer period"));
  }
  Dataset aligned{.name = dataset.name,
                  .description = dataset.description,
                  .licence = dataset.licence,
                  .source = dataset.source,
                  .period_s = period_s,
                  .columns = dataset.columns,
                  .edges = dataset.edges,
                  .runs = {}};
  for (const Run& run : dataset.runs) aligned.runs.push_back(AlignRun(run, period_s, rule));
  return aligned;
}

}  // namespace grayling
