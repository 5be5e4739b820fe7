#include "daemon/campaign/plan.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/campaign/plan_readers.h"
#include "daemon/campaign/strict_yaml.h"
#include "daemon/campaign/timeline.h"

namespace grayling {
namespace {

constexpr size_t kLargestPlan = 1 << 20;  // bytes
constexpr int64_t kMostWindows = 10'000;
constexpr absl::Duration kLongestPlan = absl::Hours(7 * 24);
constexpr double kLongestPhase_s = 24 * 3600;

std::vector<PlannedService> ReadServiceList(StrictMapping& top, YamlComplaint& complaint) {
  std::vector<PlannedService> services;
  if (!top.Has("services")) return services;
  for (const YAML::Node& node : top.Elements("services")) {
    PlannedService service;
    if (node.IsScalar()) {
      service.name = node.Scalar();
    } else {
      const std::string what = absl::StrCat("entry ", services.size() + 1, " of 'services'");
      StrictMapping entry(node, what, PlanKeys().at("service"), complaint);
      service.name = entry.Text("name");
      service.reason = entry.TextOr("reason", "");
    }
    if (!IsPlanIdentifier(service.name) || service.name == "all") {
      complaint.Add(node.Mark(),
                    absl::StrCat("'", service.name, "' in 'services' is no name of a service"));
    }
    const auto is_named = [&](const PlannedService& other) { return other.name == service.name; };
    if (std::any_of(services.begin(), services.end(), is_named)) {
      complaint.Add(node.Mark(),
                    absl::StrCat("'", service.name, "' stands twice in 'services'; remove one"));
    }
    services.push_back(std::move(service));
  }
  return services;
}

CampaignPhases ReadPhases(const YAML::Node& node, YamlComplaint& complaint) {
  StrictMapping phases(node, "'phases'", PlanKeys().at("phases"), complaint);
  const auto seconds = [&](const char* key, double minimum) {
    return absl::Seconds(phases.Number(key, minimum, kLongestPhase_s));
  };
  return {seconds("warmup_s", 0),   seconds("before_s", 0),
          seconds("during_s", 0.5), seconds("after_s", 0),
          seconds("cooldown_s", 0), absl::Seconds(phases.NumberOr("gap_s", 0, kLongestPhase_s, 0))};
}

int ReadBaseline(StrictMapping& top, YamlComplaint& complaint) {
  if (!top.Has("baseline")) return 0;
  const YAML::Node node = top.Child("baseline");
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  if (text == "true") return 1;
  if (text == "false") return 0;
  int64_t windows = 0;
  if (absl::SimpleAtoi(text, &windows) && windows >= 0 && windows <= 1000) {
    return static_cast<int>(windows);
  }
  complaint.Add(node.Mark(),
                "'baseline' in the plan must be true, false or a number of windows up to 1000");
  return 0;
}

std::optional<FailureRule> ReadFailureRule(StrictMapping& top, YamlComplaint& complaint) {
  if (!top.Has("on_failure")) return std::nullopt;
  StrictMapping mapping(top.Child("on_failure"), "'on_failure'", PlanKeys().at("on_failure"),
                        complaint);
  FailureRule rule;
  rule.retries = static_cast<int>(mapping.IntegerOr("retry", 0, 10, 0));
  const std::string then = mapping.ChoiceOr("then", {"skip", "abort"}, "skip");
  rule.then = then == "abort" ? AfterRetries::kAbort : AfterRetries::kSkip;
  return rule;
}

int64_t CountWindows(const CampaignPlan& plan) {
  int64_t windows = 0;
  for (const PlannedFault& fault : plan.faults) {
    windows +=
        static_cast<int64_t>(fault.services.size() * std::max<size_t>(1, fault.intensities.size()));
  }
  return (windows * plan.repetitions + plan.baseline) * static_cast<int64_t>(plan.loads.size());
}

void CheckSize(const CampaignPlan& plan, const YAML::Mark& where, YamlComplaint& complaint) {
  const int64_t windows = CountWindows(plan);
  if (windows > kMostWindows) {
    complaint.Add(where, absl::StrCat("the plan has ", windows, " windows; the most is ",
                                      kMostWindows, ", so split it"));
  }
  if (!complaint.status().ok()) return;
  const Timeline timeline = LayOut(plan);
  if (timeline.windows.empty()) {
    complaint.Add(where,
                  "the plan has no window, since 'covered' in 'order' covers every cell; raise "
                  "'budget'");
  }
  if (timeline.duration > kLongestPlan) {
    complaint.Add(where, absl::StrCat("the plan lasts ", absl::FormatDuration(timeline.duration),
                                      "; the longest is ", absl::FormatDuration(kLongestPlan),
                                      ", so split it"));
  }
}

void ReadHead(StrictMapping& top, CampaignPlan& plan, YamlComplaint& complaint) {
  plan.name = top.Text("name");
  if (!IsPlanIdentifier(plan.name)) {
    complaint.Add(
        top.Where("name"),
        absl::StrCat("'name' is '", plan.name, "'; use up to 60 letters, digits, '-', '_', '.'"));
  }
  plan.vm = top.Text("vm");
  if (!absl::StartsWith(plan.vm, "vms/") || !IsPlanIdentifier(absl::StripPrefix(plan.vm, "vms/"))) {
    complaint.Add(top.Where("vm"),
                  absl::StrCat("'vm' is '", plan.vm, "'; write a VM's name like vms/lab"));
  }
  plan.services = ReadServiceList(top, complaint);
  plan.loads = ReadLoads(top.Child("load"), complaint);
  plan.load = plan.loads.front().settings;
  plan.scrape = top.Texts("scrape");
  plan.phases = ReadPhases(top.Child("phases"), complaint);
  plan.baseline = ReadBaseline(top, complaint);
  plan.on_failure = ReadFailureRule(top, complaint);
  plan.notes = top.TextOr("notes", "");
  if (top.Has("grafana")) {
    StrictMapping grafana(top.Child("grafana"), "'grafana'", PlanKeys().at("grafana"), complaint);
    plan.annotate = grafana.BooleanOr("annotate", false);
  }
}

CampaignPlan ReadPlan(const YAML::Node& root, YamlComplaint& complaint) {
  StrictMapping top(root, "the plan", PlanKeys().at("plan"), complaint);
  CampaignPlan plan;
  ReadHead(top, plan, complaint);
  ReadOrder(top, plan, complaint);
  if (top.Has("guards")) {
    for (const YAML::Node& guard : top.Elements("guards")) {
      plan.guards.push_back(ReadGuard(guard, plan.guards.size() + 1, complaint));
    }
  }
  const YAML::Node faults = top.Child("faults");
  if (!faults.IsSequence() || faults.size() == 0) {
    complaint.Add(top.Where("faults"), "'faults' must be a list of at least one fault");
    return plan;
  }
  for (const YAML::Node& fault : faults) {
    plan.faults.push_back(ReadFault(fault, plan.faults.size() + 1, plan, complaint));
  }
  CheckSize(plan, top.Where("faults"), complaint);
  return plan;
}

}  // namespace

absl::StatusOr<CampaignPlan> ParsePlan(absl::string_view yaml) {
  if (yaml.size() > kLargestPlan) {
    return absl::InvalidArgumentError(
        absl::StrCat("the plan has ", yaml.size(), " bytes; the most is ", kLargestPlan));
  }
  YamlComplaint complaint;
  CampaignPlan plan;
  try {
    plan = ReadPlan(YAML::Load(std::string(yaml)), complaint);
  } catch (const YAML::Exception& error) {
    complaint.Add(error.mark, absl::StrCat("this is not YAML: ", error.msg));
  }
  if (!complaint.status().ok()) return complaint.status();
  return plan;
}

}  // namespace grayling
