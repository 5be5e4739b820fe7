#include "daemon/metrics/step_aligner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace grayling {
namespace {

constexpr int64_t kLookbackMs = 5 * 60 * 1000;
// Far beyond every calendar, and far enough from the type's ends to add two of them.
constexpr int64_t kFarthestMs = std::numeric_limits<int64_t>::max() / 4;

bool NeedsPairs(Aggregation aggregation) {
  return aggregation == Aggregation::kRate || aggregation == Aggregation::kIncrease ||
         aggregation == Aggregation::kDelta;
}

// The samples of one window, folded as they come.
struct Window {
  int64_t count = 0;
  double last = 0;
  bool ended = false;  // the newest entry is a stale marker
  double sum = 0;
  double min = 0;
  double max = 0;
  double increase = 0;
  double delta = 0;
  int64_t spanned_ms = 0;  // by pairs

  void Take(double value) {
    min = count == 0 || value < min || std::isnan(min) ? value : min;
    max = count == 0 || value > max || std::isnan(max) ? value : max;
    sum += value;
    last = value;
    ended = false;
    ++count;
  }
  void TakePair(double earlier, double later, int64_t apart_ms) {
    increase += later < earlier ? later : later - earlier;
    delta += later - earlier;
    spanned_ms += apart_ms;
  }

  std::optional<double> Value(Aggregation aggregation) const {
    if (NeedsPairs(aggregation) ? spanned_ms == 0 : count == 0) return std::nullopt;
    switch (aggregation) {
      case Aggregation::kLast:
        return ended ? std::nullopt : std::optional(last);
      case Aggregation::kMean:
        return sum / static_cast<double>(count);
      case Aggregation::kMin:
        return min;
      case Aggregation::kMax:
        return max;
      case Aggregation::kSum:
        return sum;
      case Aggregation::kCount:
        return static_cast<double>(count);
      case Aggregation::kRate:
        return increase * 1000 / static_cast<double>(spanned_ms);
      case Aggregation::kIncrease:
        return increase;
      case Aggregation::kDelta:
        return delta;
    }
    return std::nullopt;
  }
};

}  // namespace

int64_t StepAligner::LongestPairMs(int64_t step_ms) { return std::max(kLookbackMs, step_ms); }

int64_t StepAligner::ReadFromMs() const {
  const int64_t before =
      grid_.step_ms - 1 + (NeedsPairs(aggregation_) ? LongestPairMs(grid_.step_ms) : 0);
  return std::max(grid_.first_ms, -kFarthestMs) - before;
}

int64_t StepAligner::ReadToMs() const { return std::min(grid_.last_ms, kFarthestMs) + 1; }

void StepAligner::Align(const SeriesSamples& samples, std::vector<int64_t>& times_ms,
                        std::vector<double>& values) const {
  times_ms.clear();
  values.clear();
  if (grid_.last_ms < grid_.first_ms) return;
  const int64_t step = grid_.step_ms;
  const int64_t longest_pair = LongestPairMs(step);
  int64_t instant = grid_.first_ms;  // of `window`
  Window window;
  std::optional<size_t> previous;  // the sample that a pair may begin with
  const auto close = [&] {
    if (const std::optional<double> value = window.Value(aggregation_)) {
      times_ms.push_back(instant);
      values.push_back(*value);
    }
    window = Window();
  };
  for (size_t i = 0; i < samples.times_ms.size(); ++i) {
    const int64_t time = samples.times_ms[i];
    if (time > instant) {
      close();
      const int64_t next = instant + (time - instant + step - 1) / step * step;
      if (next > grid_.last_ms) return;
      instant = next;
    }
    const bool inside = time > instant - step;  // else before the grid's first window
    const double value = samples.values[i];
    if (IsStale(value)) {
      previous.reset();
      if (inside) window.ended = true;
      continue;
    }
    if (inside) {
      window.Take(value);
      if (previous.has_value() && time - samples.times_ms[*previous] <= longest_pair) {
        window.TakePair(samples.values[*previous], value, time - samples.times_ms[*previous]);
      }
    }
    previous = i;
  }
  close();
}

}  // namespace grayling
