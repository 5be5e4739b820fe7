#include "daemon/campaign/guards.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
// After the last user came: the first full second with all of them.
constexpr absl::Duration kFirstFullSecond = absl::Seconds(2);

std::string Describe(const GuardReadings& readings) {
  std::string text;
  const auto add = [&](absl::string_view name, GuardQuantity quantity, double value) {
    if (std::isnan(value)) return;
    absl::StrAppend(&text, text.empty() ? "" : ", ", name, " ", GuardValueText(quantity, value));
  };
  add("errors", GuardQuantity::kErrors, readings.error_share);
  add("p50", GuardQuantity::kP50, readings.p50_ms);
  add("p95", GuardQuantity::kP95, readings.p95_ms);
  add("p99", GuardQuantity::kP99, readings.p99_ms);
  add("load", GuardQuantity::kRequestsPerSecond, readings.requests_per_second);
  add("disk free", GuardQuantity::kDiskFree, readings.disk_free_mib);
  add("guest silent for", GuardQuantity::kGuestSilent, readings.guest_silent_s);
  for (const auto& [service, unhealthy] : readings.unhealthy) {
    add(service, GuardQuantity::kUnhealthy, unhealthy);
  }
  return text;
}

}  // namespace

GuardReadings::GuardReadings()
    : error_share(kNothing),
      p50_ms(kNothing),
      p95_ms(kNothing),
      p99_ms(kNothing),
      requests_per_second(kNothing),
      disk_free_mib(kNothing),
      guest_silent_s(kNothing) {}

double GuardReadings::Of(const GuardRule& rule) const {
  switch (rule.quantity) {
    case GuardQuantity::kErrors:
      return error_share;
    case GuardQuantity::kP50:
      return p50_ms;
    case GuardQuantity::kP95:
      return p95_ms;
    case GuardQuantity::kP99:
      return p99_ms;
    case GuardQuantity::kRequestsPerSecond:
      return requests_per_second;
    case GuardQuantity::kDiskFree:
      return disk_free_mib;
    case GuardQuantity::kGuestSilent:
      return guest_silent_s;
    case GuardQuantity::kUnhealthy: {
      const auto found = unhealthy.find(rule.service);
      return found == unhealthy.end() ? kNothing : found->second;
    }
  }
  return kNothing;
}

GuardEvaluator::GuardEvaluator(std::vector<GuardRule> rules)
    : rules_(std::move(rules)), states_(rules_.size()) {}

std::vector<GuardTurn> GuardEvaluator::Step(absl::Time now, const GuardReadings& readings) {
  std::vector<GuardTurn> turns;
  for (size_t i = 0; i < rules_.size(); ++i) {
    const GuardRule& rule = rules_[i];
    State& state = states_[i];
    const double value = readings.Of(rule);
    if (rule.Holds(value) == state.fired) {
      state.contradicted_since = absl::InfiniteFuture();
      continue;
    }
    if (state.contradicted_since == absl::InfiniteFuture()) state.contradicted_since = now;
    if (now - state.contradicted_since < (state.fired ? rule.clear : rule.hold)) continue;
    state.fired = !state.fired;
    state.contradicted_since = absl::InfiniteFuture();
    turns.push_back({i, state.fired, value, Describe(readings)});
  }
  return turns;
}

std::optional<size_t> GuardEvaluator::FirstFired(GuardAction action) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (states_[i].fired && rules_[i].action == action) return i;
  }
  return std::nullopt;
}

void LoadReadings::Read(absl::Time now, const LoadStatistics& statistics, absl::Duration ramp_up,
                        GuardReadings& readings) {
  const bool is_new = statistics.running && (!was_running_ || statistics.requests < requests_);
  if (is_new) running_since_ = now;
  was_running_ = statistics.running;
  const uint64_t requests_before = is_new ? 0 : requests_;
  const uint64_t errors_before = is_new ? 0 : errors_;
  requests_ = statistics.requests;
  errors_ = statistics.errors;
  if (!statistics.running) return;
  const uint64_t requests = requests_ - requests_before;
  if (requests > 0 && errors_ >= errors_before) {
    readings.error_share = static_cast<double>(errors_ - errors_before) / requests;
  }
  readings.p50_ms = statistics.p50_ms;
  readings.p95_ms = statistics.p95_ms;
  readings.p99_ms = statistics.p99_ms;
  if (now >= running_since_ + ramp_up + kFirstFullSecond) {
    readings.requests_per_second = statistics.requests_per_second;
  }
}

}  // namespace grayling
