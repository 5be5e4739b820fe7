#include "ml/core/describe_column.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace grayling {
namespace {

constexpr double kUndefined = Effect::kUndefined;
constexpr size_t kFewestBefore = 3;  // rows that make a distribution
constexpr double kBeyondScales = 4;

PhaseSummary Summarize(absl::Span<const float> ascending) {
  return {ascending.size(),
          SortedQuantile(ascending, 0.5),
          MedianAbsoluteDeviation(ascending),
          SortedQuantile(ascending, 0.05),
          SortedQuantile(ascending, 0.25),
          SortedQuantile(ascending, 0.75),
          SortedQuantile(ascending, 0.95)};
}

std::vector<float> KnownSorted(const std::vector<float>& run, const RowRange& range) {
  std::vector<float> values;
  for (size_t row = range.first; row < range.last; ++row) {
    if (!std::isnan(run[row])) values.push_back(run[row]);
  }
  std::sort(values.begin(), values.end());
  return values;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return SortedQuantile(values, 0.5);
}

// What a column was before one event.
struct Bounds {
  double low = 0;
  double high = 0;
  bool Contains(float value) const {
    const double v = static_cast<double>(value);
    return v >= low && v <= high;
  }
};

Bounds BoundsOf(const std::vector<float>& before) {
  const double median = SortedQuantile(before, 0.5);
  // The last digits of a column that stands still are no change.
  const double reach =
      std::max(kBeyondScales * MedianAbsoluteDeviation(before), 1e-6 * std::abs(median));
  return {std::min(static_cast<double>(before.front()), median - reach),
          std::max(static_cast<double>(before.back()), median + reach)};
}

// The first known row of `range` that is inside (or outside) the bounds as its known successor is;
// the last known row needs none.
std::optional<size_t> FirstOfTwo(const std::vector<float>& run, const RowRange& range,
                                 const Bounds& bounds, bool inside) {
  std::optional<size_t> candidate;
  for (size_t row = range.first; row < range.last; ++row) {
    if (std::isnan(run[row])) continue;
    if (bounds.Contains(run[row]) != inside) {
      candidate.reset();
    } else if (candidate) {
      return candidate;
    } else {
      candidate = row;
    }
  }
  return candidate;
}

class ColumnStudy {
 public:
  ColumnStudy(const Dataset& dataset, const ColumnValues& values,
              absl::Span<const EventPhases> events)
      : dataset_(dataset), values_(values), events_(events) {}

  ColumnOfKind Run() {
    pooled_[Index(Phase::kBaseline)] = values_.baseline;
    for (size_t c = 0; c < kComparisons.size(); ++c) {
      result_.deltas[c].assign(events_.size(), std::numeric_limits<float>::quiet_NaN());
    }
    for (size_t e = 0; e < events_.size(); ++e) AddEvent(e);
    ColumnDescription& column = result_.column;
    for (size_t p = 0; p < kPhases; ++p) {
      if (p != Index(Phase::kBaseline)) std::sort(pooled_[p].begin(), pooled_[p].end());
      column.phases[p] = Summarize(pooled_[p]);
    }
    column.shift = Shift();
    if (!drifts_.empty()) {
      column.drift = std::accumulate(drifts_.begin(), drifts_.end(), 0.0) /
                     static_cast<double>(drifts_.size());
    }
    column.median_onset_s = Median(onsets_s_);
    column.median_recovery_s = Median(recoveries_s_);
    column.onsets = static_cast<int>(onsets_s_.size());
    column.recoveries = static_cast<int>(recoveries_s_.size());
    for (size_t c = 0; c < kComparisons.size(); ++c) SetEffect(c);
    return std::move(result_);
  }

 private:
  static size_t Index(Phase phase) { return static_cast<size_t>(phase); }

  void AddEvent(size_t e) {
    const EventPhases& event = events_[e];
    const std::vector<float>& run = values_.runs[event.run];
    std::array<std::vector<float>, kPhases> phases;
    phases[Index(Phase::kBefore)] = KnownSorted(run, event.before);
    phases[Index(Phase::kDuring)] = KnownSorted(run, event.during);
    phases[Index(Phase::kAfter)] = KnownSorted(run, event.after);
    for (size_t p = 0; p < kPhases; ++p) {
      pooled_[p].insert(pooled_[p].end(), phases[p].begin(), phases[p].end());
    }
    for (size_t c = 0; c < kComparisons.size(); ++c) {
      const auto& left = phases[Index(kComparisons[c].left)];
      const bool is_baseline = kComparisons[c].right == Phase::kBaseline;
      const RankSum ranks = is_baseline ? values_.against_baseline.Compare(left)
                                        : CompareRanks(left, phases[Index(kComparisons[c].right)]);
      result_.deltas[c][e] = static_cast<float>(CliffsDelta(ranks));
      if (!is_baseline) strata_[c].push_back(ranks);
    }
    const std::vector<float>& before = phases[Index(Phase::kBefore)];
    const std::vector<float>& during = phases[Index(Phase::kDuring)];
    if (before.empty() || during.empty()) return;
    ++result_.column.events;
    const size_t middle = (event.before.first + event.before.last) / 2;
    const double drift = CliffsDelta(CompareRanks(KnownSorted(run, {middle, event.before.last}),
                                                  KnownSorted(run, {event.before.first, middle})));
    if (!std::isnan(drift)) drifts_.push_back(drift);
    shifts_.push_back(SortedQuantile(during, 0.5) - SortedQuantile(before, 0.5));
    if (before.size() >= kFewestBefore) AddOnset(event, run, BoundsOf(before));
  }

  void AddOnset(const EventPhases& event, const std::vector<float>& run, const Bounds& bounds) {
    const grayling::Run& source = dataset_.runs[event.run];
    const LabelWindow& window = source.windows[event.window];
    const std::optional<size_t> onset = FirstOfTwo(run, event.during, bounds, false);
    if (!onset) return;
    onsets_s_.push_back(source.time[*onset] - window.start);
    const std::optional<size_t> back = FirstOfTwo(run, event.settling, bounds, true);
    if (back) recoveries_s_.push_back(source.time[*back] - window.end);
  }

  double Shift() const {
    if (shifts_.empty()) return kUndefined;
    const PhaseSummary& before = result_.column.phases[Index(Phase::kBefore)];
    double scale = before.scale;
    if (!(scale > 0)) scale = (before.q95 - before.q05) / 3.29;  // of a normal distribution
    if (!(scale > 0)) scale = 0.05 * std::abs(before.median);
    if (!(scale > 0)) scale = 1;
    return Median(shifts_) / scale;
  }

  void SetEffect(size_t c) {
    Effect& effect = result_.column.effects[c];
    double sum = 0, count = 0;
    for (const float delta : result_.deltas[c]) {
      if (std::isnan(delta)) continue;
      sum += static_cast<double>(delta);
      ++count;
    }
    if (count == 0) return;
    effect.delta = sum / count;
    effect.p_value =
        kComparisons[c].right == Phase::kBaseline
            ? RankSumPValue(
                  {values_.against_baseline.Compare(pooled_[Index(kComparisons[c].left)])})
            : RankSumPValue(strata_[c]);
  }

  const Dataset& dataset_;
  const ColumnValues& values_;
  const absl::Span<const EventPhases> events_;
  ColumnOfKind result_;
  std::array<std::vector<float>, kPhases> pooled_;
  std::array<std::vector<RankSum>, kComparisons.size()> strata_;
  std::vector<double> drifts_;
  std::vector<double> shifts_;
  std::vector<double> onsets_s_;
  std::vector<double> recoveries_s_;
};

}  // namespace

ColumnOfKind DescribeColumn(const Dataset& dataset, const ColumnValues& values,
                            absl::Span<const EventPhases> events) {
  return ColumnStudy(dataset, values, events).Run();
}

}  // namespace grayling
