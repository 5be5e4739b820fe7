#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/campaign/plan_readers.h"
#include "daemon/load/load_check.h"

namespace grayling {
namespace {

// What the load generator takes, so that a plan it would refuse is refused with its line.
constexpr double kLowestRate = 0.001;
constexpr double kLongestThinkTime_ms = 3'600'000;
constexpr double kLongestTimeout_s = 3600;
constexpr double kLongestRampUp_s = 3600;
constexpr size_t kMostLevels = 20;

bool IsLoadUrl(absl::string_view url) {
  if (absl::StartsWith(url, "http://")) return url.size() > 7 && !absl::EndsWith(url, "/");
  uint32_t port = 0;
  return absl::ConsumePrefix(&url, "forward:") && absl::SimpleAtoi(url, &port) && port > 0 &&
         port < 65536;
}

// Users make a closed loop, a rate an open one.
void ReadModel(StrictMapping& load, const std::string& what, const LoadSettings& absent,
               LoadSettings& settings, YamlComplaint& complaint) {
  if (load.Has("users") && load.Has("rate")) {
    complaint.Add(load.Where("rate"), absl::StrCat("'users' and 'rate' in ", what,
                                                   " exclude each other: users make a closed loop, "
                                                   "a rate an open one"));
  }
  if (load.Has("users")) settings.model = LoadModel::kClosed;
  if (load.Has("rate")) settings.model = LoadModel::kOpen;
  settings.users = static_cast<uint32_t>(load.IntegerOr("users", 1, kMostUsers, absent.users));
  settings.rate = load.NumberOr("rate", kLowestRate, kHighestRate, absent.rate);
  settings.most_in_flight = static_cast<uint32_t>(
      load.IntegerOr("most_in_flight", 1, kMostUsers, absent.most_in_flight));
  const bool was_constant = absent.arrivals == ArrivalKind::kConstant;
  const std::string arrivals =
      load.ChoiceOr("arrivals", {"poisson", "constant"}, was_constant ? "constant" : "poisson");
  settings.arrivals = arrivals == "constant" ? ArrivalKind::kConstant : ArrivalKind::kPoisson;
}

void ReadThinkTime(StrictMapping& load, const LoadSettings& absent, LoadSettings& settings) {
  static constexpr std::pair<const char*, ThinkTimeKind> kKinds[] = {
      {"gaussian", ThinkTimeKind::kGaussian},
      {"constant", ThinkTimeKind::kConstant},
      {"exponential", ThinkTimeKind::kExponential},
      {"uniform", ThinkTimeKind::kUniform}};
  if (load.Has("think_time")) {
    const std::string named =
        load.ChoiceOr("think_time", {"gaussian", "constant", "exponential", "uniform"}, "gaussian");
    for (const auto& [name, kind] : kKinds) {
      if (named == name) settings.think_time_kind = kind;
    }
  }
  const auto milliseconds = [&load](const char* key, absl::Duration absent_time) {
    return absl::Milliseconds(
        load.NumberOr(key, 0, kLongestThinkTime_ms, absl::ToDoubleMilliseconds(absent_time)));
  };
  settings.think_time_mean = milliseconds("think_time_ms", absent.think_time_mean);
  settings.think_time_deviation =
      milliseconds("think_time_deviation_ms", absent.think_time_deviation);
}

// `absent` holds what is meant where a key is left out; without a URL that key is mandatory.
LoadSettings ReadSettings(StrictMapping& load, const std::string& what, const LoadSettings& absent,
                          YamlComplaint& complaint) {
  LoadSettings settings = absent;
  if (absent.base_url.empty() || load.Has("url")) settings.base_url = load.Text("url");
  if (!IsLoadUrl(settings.base_url)) {
    complaint.Add(
        load.Where("url"),
        absl::StrCat("'url' in ", what, " is '", settings.base_url,
                     "'; write forward:PORT for a port of the VM, or http://127.0.0.1:PORT without "
                     "a slash at its end"));
  }
  ReadModel(load, what, absent, settings, complaint);
  ReadThinkTime(load, absent, settings);
  settings.ramp_up = absl::Seconds(
      load.NumberOr("ramp_up_s", 0, kLongestRampUp_s, absl::ToDoubleSeconds(absent.ramp_up)));
  settings.request_timeout =
      absl::Seconds(load.NumberOr("request_timeout_s", 0.001, kLongestTimeout_s,
                                  absl::ToDoubleSeconds(absent.request_timeout)));
  if (load.Has("mix")) ReadMix(load.Child("mix"), settings, complaint);
  settings.seed = static_cast<uint64_t>(
      load.IntegerOr("seed", 0, INT64_MAX, static_cast<int64_t>(absent.seed)));
  if (load.Has("jmeter")) ReadJmeter(load.Child("jmeter"), settings, complaint);
  if (!settings.jmeter_plan.empty() && settings.model == LoadModel::kOpen) {
    complaint.Add(load.Where("rate"), absl::StrCat("'rate' in ", what,
                                                   " is not for JMeter: its plan says how requests "
                                                   "arrive; leave it out"));
  }
  return settings;
}

LoadLevel ReadLevel(const YAML::Node& node, const std::vector<LoadLevel>& earlier,
                    YamlComplaint& complaint) {
  const std::string what = absl::StrCat("entry ", earlier.size() + 1, " of 'load'");
  StrictMapping load(node, what, PlanKeys().at("level"), complaint);
  LoadLevel level;
  level.name = load.Text("name");
  if (!IsPlanIdentifier(level.name)) {
    complaint.Add(load.Where("name"),
                  absl::StrCat("'name' in ", what, " is '", level.name,
                               "'; use up to 60 letters, digits, '-', '_', '.'"));
  }
  for (const LoadLevel& other : earlier) {
    if (other.name != level.name) continue;
    complaint.Add(load.Where("name"), absl::StrCat("two entries of 'load' have the name '",
                                                   level.name, "'; rename one"));
  }
  const LoadSettings absent = earlier.empty() ? LoadSettings() : earlier.front().settings;
  level.settings = ReadSettings(load, what, absent, complaint);
  return level;
}

}  // namespace

bool IsPlanIdentifier(absl::string_view text) {
  return !text.empty() && text.size() <= 60 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

std::vector<LoadLevel> ReadLoads(const YAML::Node& node, YamlComplaint& complaint) {
  std::vector<LoadLevel> levels;
  if (!node.IsSequence()) {
    StrictMapping load(node, "'load'", PlanKeys().at("load"), complaint);
    levels.push_back({"", ReadSettings(load, "'load'", LoadSettings(), complaint)});
    return levels;
  }
  if (node.size() == 0 || node.size() > kMostLevels) {
    complaint.Add(node.Mark(), absl::StrCat("'load' must be a mapping, or a list of 1 to ",
                                            kMostLevels, " named levels"));
    return {LoadLevel()};
  }
  for (const YAML::Node& element : node) levels.push_back(ReadLevel(element, levels, complaint));
  return levels;
}

}  // namespace grayling
