#include "ml/core/novelty_threshold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace grayling {
namespace {

constexpr double kRowShare = 0.05;      // of rows in alarm, at most
constexpr double kCountable = 5;        // episodes
constexpr double kLeastEpisodes = 0.5;  // nothing is extrapolated beyond that
constexpr double kLeastThreshold = 1e-3;
constexpr float kForgetting = 10.0F / 3;  // of the drift rate
constexpr float kFastestForgetting = 0.01F;
constexpr float kReach = 0.5F;

struct VoteRule {
  double below;  // false alarms per row
  int votes;
  int rows;
};
constexpr VoteRule kVoteRules[] = {{0.01, 2, 3}, {0.001, 3, 5}, {0.0003, 5, 8}};
constexpr float kNever = -std::numeric_limits<float>::infinity();

// The threshold up to which `votes` of the last `rows` rows are over it: their votes-th largest.
std::vector<float> VotedValues(const std::vector<float>& values, int votes, int rows) {
  std::vector<float> voted(values.size(), kNever);
  std::vector<float> recent;
  for (size_t i = static_cast<size_t>(votes) - 1; i < values.size(); ++i) {
    const size_t from = i + 1 >= static_cast<size_t>(rows) ? i + 1 - static_cast<size_t>(rows) : 0;
    recent.assign(values.begin() + static_cast<std::ptrdiff_t>(from),
                  values.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    std::nth_element(recent.begin(), recent.begin() + (votes - 1), recent.end(), std::greater<>());
    voted[i] = recent[static_cast<size_t>(votes - 1)];
  }
  return voted;
}

// Alarm rows and alarm episodes over a threshold t, for any t: an episode goes on while both a row
// and the one before are over, so episodes = rows over - pairs over.
class EpisodeCount {
 public:
  void Add(const std::vector<float>& voted) {
    float before = kNever;
    for (const float value : voted) {
      over_.push_back(value);
      both_.push_back(std::min(value, before));
      before = value;
    }
  }
  void Sort() {
    std::sort(over_.begin(), over_.end(), std::greater<>());
    std::sort(both_.begin(), both_.end(), std::greater<>());
  }

  // The lowest threshold with at most `episodes` and `rows` of them, above which there are never
  // more. Halfway to the next lower value, where there is one.
  double Lowest(double episodes, double rows) const {
    size_t pairs = 0;
    size_t i = 0;
    while (i < over_.size() && over_[i] != kNever) {
      size_t end = i;
      while (end < over_.size() && over_[end] == over_[i]) ++end;
      while (pairs < both_.size() && both_[pairs] >= over_[i]) ++pairs;
      if (static_cast<double>(end - pairs) > episodes || static_cast<double>(end) > rows) break;
      i = end;
    }
    if (i == 0) return over_.empty() ? 1 : Above(over_.front());
    if (i == over_.size() || over_[i] == kNever) return over_[i - 1];
    return (static_cast<double>(over_[i - 1]) + over_[i]) / 2;
  }

 private:
  static double Above(float value) {
    return std::nextafter(value, std::numeric_limits<float>::infinity());
  }

  std::vector<float> over_;
  std::vector<float> both_;
};

// Mean of (peak - threshold) over the episodes; 0 without any.
double MeanExcess(const std::vector<std::vector<float>>& voted, double threshold) {
  double sum = 0;
  double episodes = 0;
  for (const std::vector<float>& values : voted) {
    double peak = kNever;
    for (const float value : values) {
      if (value >= threshold) {
        if (peak == kNever) ++episodes;
        if (value > peak) {
          sum += value - std::max(peak, threshold);
          peak = value;
        }
      } else {
        peak = kNever;
      }
    }
  }
  return episodes > 0 ? sum / episodes : 0;
}

}  // namespace

LastingChange::LastingChange(float usual, float drift_rate)
    : usual_(usual),
      rate_(usual < 0 ? 0 : std::min(kFastestForgetting, kForgetting * drift_rate)),
      mean_(usual) {}

float LastingChange::Step(float strangeness) {
  const float result = strangeness - std::max(0.0F, mean_ - usual_);
  mean_ += rate_ * std::clamp(strangeness - mean_, -kReach, kReach);
  return result;
}

NoveltyAlarm ChooseNoveltyAlarm(absl::Span<const std::vector<float>> series, double period_s,
                                double false_alarms_per_hour) {
  NoveltyAlarm alarm;
  const double allowed_per_row = false_alarms_per_hour * period_s / 3600;
  for (const VoteRule& rule : kVoteRules) {
    if (allowed_per_row < rule.below) alarm = {1, rule.votes, rule.rows};
  }
  std::vector<std::vector<float>> voted;
  EpisodeCount count;
  double rows = 0;
  for (const std::vector<float>& values : series) {
    voted.push_back(VotedValues(values, alarm.votes, alarm.rows));
    count.Add(voted.back());
    rows += static_cast<double>(values.size());
  }
  count.Sort();
  const double allowed = allowed_per_row * rows;
  alarm.threshold = count.Lowest(std::max(allowed, kCountable), kRowShare * rows);
  if (allowed < kCountable) {
    alarm.threshold += MeanExcess(voted, alarm.threshold) *
                       std::log(kCountable / std::max(allowed, kLeastEpisodes));
  }
  alarm.threshold = std::max(alarm.threshold, kLeastThreshold);
  return alarm;
}

}  // namespace grayling
