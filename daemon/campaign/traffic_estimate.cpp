#include "daemon/campaign/traffic_estimate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/load/think_time.h"

namespace grayling {
namespace {

constexpr uint64_t kFewestAnswers = 100;

// What is known about a mix before anything was measured.
struct MixTable {
  double response_ms;
  double bytes_per_response;
  std::string basis;
};

// Sizes are weighted with the mix's shares. petclinic: bodies of the lab's services, times of 12
// users in the emulated lab. petclinic-stock: by the fields of its answers.
MixTable TableOf(const LoadSettings& load) {
  const std::string& mix = load.mix;
  if (!load.jmeter_plan.empty()) {
    return {12.5, 2400,
            absl::StrCat("a table for PetClinic in the lab, not for the JMeter plan ",
                         load.jmeter_plan, ", of which nothing was measured yet")};
  }
  if (!load.own_mix.empty()) {
    return {12.5, 2400,
            "a table for PetClinic in the lab, not for the plan's own mix, of which nothing was "
            "measured yet"};
  }
  if (mix == "petclinic-stock") {
    return {25, 500,
            "a table for the mix petclinic-stock in a fresh application, not measured; its list of "
            "owners grows by one with each 25th request"};
  }
  return {12.5, 2400, "a table for the mix petclinic, measured in the lab with 12 users"};
}

MixTable MeasuredOr(const MixTable& table, const CampaignPlan& plan, const LoadStatistics& last,
                    const LoadSettings& last_settings) {
  if (last.answers < kFewestAnswers || last_settings.mix != plan.load.mix ||
      last_settings.own_mix != plan.load.own_mix || last_settings.jmeter_plan != plan.load.jmeter_plan) {
    return table;
  }
  return {last.mean_ms,
          static_cast<double>(last.response_bytes) / static_cast<double>(last.answers),
          absl::StrCat("the last load, ", last.answers, " answers to ", ClientsOf(last_settings))};
}

// Requests in the first `length` of a load that reaches `rate` after its ramp-up.
double RequestsIn(absl::Duration length, absl::Duration ramp_up, double rate) {
  const double whole_s = absl::ToDoubleSeconds(length);
  const double ramp_s = absl::ToDoubleSeconds(ramp_up);
  if (whole_s >= ramp_s) return rate * (whole_s - ramp_s / 2);
  return rate * whole_s * whole_s / (2 * ramp_s);
}

}  // namespace

std::string ClientsOf(const LoadSettings& settings) {
  if (settings.model == LoadModel::kOpen) return absl::StrCat(settings.rate, " requests/s");
  return absl::StrCat(settings.users, settings.users == 1 ? " user" : " users");
}

double ClosedLoopRate(const LoadSettings& settings, absl::Duration response_time) {
  // A tenth of a millisecond, for settings without any wait.
  const double cycle_s =
      std::max(1e-4, absl::ToDoubleSeconds(response_time + MeanThinkTime(settings)));
  return settings.users / cycle_s;
}

double RateOf(const LoadSettings& settings, absl::Duration response_time) {
  if (settings.model == LoadModel::kClosed) return ClosedLoopRate(settings, response_time);
  // No more than the bound on requests in flight lets through (Little's law).
  const double response_s = std::max(1e-4, absl::ToDoubleSeconds(response_time));
  return std::min(settings.rate, settings.most_in_flight / response_s);
}

v1::TrafficEstimate EstimateTraffic(const CampaignPlan& plan, const Timeline& timeline,
                                    const LoadStatistics& last, const LoadSettings& last_settings) {
  const MixTable known = MeasuredOr(TableOf(plan.load), plan, last, last_settings);
  double requests = 0;
  double highest_rate = 0;
  for (size_t i = 0; i < timeline.load_changes.size(); ++i) {
    const LoadChange& change = timeline.load_changes[i];
    const absl::Duration end =
        i + 1 < timeline.load_changes.size() ? timeline.load_changes[i + 1].at : timeline.duration;
    const LoadSettings& settings =
        change.level < plan.loads.size() ? plan.loads[change.level].settings : plan.load;
    const double rate = RateOf(settings, absl::Milliseconds(known.response_ms));
    requests += RequestsIn(end - change.at, settings.ramp_up, rate);
    highest_rate = std::max(highest_rate, rate);
  }
  v1::TrafficEstimate estimate;
  estimate.set_requests(std::round(requests));
  estimate.set_response_bytes(std::round(requests * known.bytes_per_response));
  estimate.set_requests_per_second(highest_rate);
  estimate.set_response_ms(known.response_ms);
  estimate.set_bytes_per_response(known.bytes_per_response);
  estimate.set_basis(known.basis);
  return estimate;
}

}  // namespace grayling
