#include "daemon/campaign/plan.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/campaign/strict_yaml.h"
#include "daemon/fault/catalogue.h"
#include "daemon/load/petclinic_mix.h"

namespace grayling {
namespace {

constexpr size_t kLargestPlan = 1 << 20;  // bytes
constexpr int64_t kMostWindows = 10'000;
constexpr absl::Duration kLongestPlan = absl::Hours(7 * 24);
constexpr double kLongestPhase_s = 24 * 3600;
// What the load generator takes, so that a plan it would refuse is refused with its line.
constexpr int64_t kMostUsers = 2000;
constexpr double kLongestThinkTime_ms = 3'600'000;
constexpr double kLongestRampUp_s = 3600;

bool IsIdentifier(absl::string_view text) {
  return !text.empty() && text.size() <= 60 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

bool IsLoadUrl(absl::string_view url) {
  if (absl::StartsWith(url, "http://")) return url.size() > 7 && !absl::EndsWith(url, "/");
  uint32_t port = 0;
  return absl::ConsumePrefix(&url, "forward:") && absl::SimpleAtoi(url, &port) && port > 0 &&
         port < 65536;
}

LoadSettings ReadLoad(const YAML::Node& node, YamlComplaint& complaint) {
  StrictMapping load(
      node, "'load'",
      {"url", "users", "think_time_ms", "think_time_deviation_ms", "ramp_up_s", "mix", "seed"},
      complaint);
  LoadSettings settings;
  settings.base_url = load.Text("url");
  if (!IsLoadUrl(settings.base_url)) {
    complaint.Add(
        load.Where("url"),
        absl::StrCat("'url' in 'load' is '", settings.base_url,
                     "'; write forward:PORT for a port of the VM, or http://127.0.0.1:PORT without "
                     "a slash at its end"));
  }
  settings.users = static_cast<uint32_t>(load.IntegerOr("users", 1, kMostUsers, settings.users));
  settings.think_time_mean =
      absl::Milliseconds(load.NumberOr("think_time_ms", 0, kLongestThinkTime_ms, 300));
  settings.think_time_deviation =
      absl::Milliseconds(load.NumberOr("think_time_deviation_ms", 0, kLongestThinkTime_ms, 100));
  settings.ramp_up = absl::Seconds(load.NumberOr("ramp_up_s", 0, kLongestRampUp_s, 5));
  settings.mix = load.TextOr("mix", settings.mix);
  if (const absl::Status known = SeededOwnersOf(settings.mix).status(); !known.ok()) {
    complaint.Add(load.Where("mix"), known.message());
  }
  settings.seed = static_cast<uint64_t>(load.IntegerOr("seed", 0, INT64_MAX, 1));
  return settings;
}

CampaignPhases ReadPhases(const YAML::Node& node, YamlComplaint& complaint) {
  StrictMapping phases(node, "'phases'",
                       {"warmup_s", "before_s", "during_s", "after_s", "cooldown_s"}, complaint);
  const auto seconds = [&](const char* key, double minimum) {
    return absl::Seconds(phases.Number(key, minimum, kLongestPhase_s));
  };
  return {seconds("warmup_s", 0), seconds("before_s", 0), seconds("during_s", 0.5),
          seconds("after_s", 0), seconds("cooldown_s", 0)};
}

void ReadOrder(const YAML::Node& node, CampaignPlan& plan, YamlComplaint& complaint) {
  StrictMapping order(node, "'order'", {"policy", "seed"}, complaint);
  const std::string policy = order.Text("policy");
  if (policy != "random" && policy != "sequential") {
    complaint.Add(order.Where("policy"), absl::StrCat("'policy' in 'order' is '", policy,
                                                      "'; it must be random or sequential"));
  }
  plan.order = policy == "random" ? WindowOrder::kRandom : WindowOrder::kSequential;
  plan.order_seed = static_cast<uint64_t>(order.IntegerOr("seed", 0, INT64_MAX, 1));
}

// One complete set for each repetition. A list gives one value to each, a single value serves all.
std::vector<std::map<std::string, double>> ReadParameters(const YAML::Node& node,
                                                          const std::string& what,
                                                          const FaultKind& kind, int repetitions,
                                                          YamlComplaint& complaint) {
  std::vector<std::string> names;
  for (const FaultParameter& parameter : kind.parameters) names.push_back(parameter.name);
  StrictMapping mapping(node, absl::StrCat("'parameters' of ", what), names, complaint);
  std::vector<std::map<std::string, double>> sets(repetitions);
  for (const std::string& name : names) {
    if (!mapping.Has(name)) continue;
    const std::vector<double> values = mapping.Numbers(name);
    if (values.size() != 1 && values.size() != sets.size()) {
      complaint.Add(mapping.Where(name),
                    absl::StrCat("'", name, "' of ", what, " has ", values.size(), " values for ",
                                 repetitions, " repetitions; give one value or one for each"));
      return sets;
    }
    for (size_t i = 0; i < sets.size(); ++i) sets[i][name] = values[values.size() == 1 ? 0 : i];
  }
  for (std::map<std::string, double>& set : sets) {
    absl::StatusOr<FaultValues> complete = CompleteValues(kind, {set, {}});
    if (!complete.ok()) complaint.Add(mapping.Where(), complete.status().message());
    if (complete.ok()) set = std::move(complete->parameters);
  }
  return sets;
}

PlannedFault ReadFault(const YAML::Node& node, size_t number, int repetitions,
                       YamlComplaint& complaint) {
  const std::string what = absl::StrCat("entry ", number, " of 'faults'");
  StrictMapping entry(node, what, {"kind", "services", "parameters"}, complaint);
  PlannedFault fault;
  fault.kind = entry.Text("kind");
  fault.services = entry.Texts("services");
  const absl::StatusOr<const FaultKind*> kind = FindFaultKind(fault.kind);
  if (!kind.ok()) {
    complaint.Add(entry.Where("kind"), kind.status().message());
    return fault;
  }
  const YAML::Node parameters =
      entry.Has("parameters") ? entry.Child("parameters") : YAML::Node(YAML::NodeType::Map);
  fault.parameters = ReadParameters(parameters, what, **kind, repetitions, complaint);
  return fault;
}

void CheckSize(const CampaignPlan& plan, const YAML::Mark& where, YamlComplaint& complaint) {
  int64_t windows = 0;
  for (const PlannedFault& fault : plan.faults)
    windows += static_cast<int64_t>(fault.services.size());
  windows *= plan.repetitions;
  if (windows > kMostWindows) {
    complaint.Add(where, absl::StrCat("the plan has ", windows, " windows; the most is ",
                                      kMostWindows, ", so split it"));
  }
  const CampaignPhases& phases = plan.phases;
  const absl::Duration whole =
      phases.warmup + windows * (phases.before + phases.during + phases.after) + phases.cooldown;
  if (whole > kLongestPlan) {
    complaint.Add(where,
                  absl::StrCat("the plan lasts ", absl::FormatDuration(whole), "; the longest is ",
                               absl::FormatDuration(kLongestPlan), ", so split it"));
  }
}

CampaignPlan ReadPlan(const YAML::Node& root, YamlComplaint& complaint) {
  StrictMapping top(root, "the plan",
                    {"name", "vm", "load", "scrape", "phases", "order", "repetitions", "faults"},
                    complaint);
  CampaignPlan plan;
  plan.name = top.Text("name");
  if (!IsIdentifier(plan.name)) {
    complaint.Add(
        top.Where("name"),
        absl::StrCat("'name' is '", plan.name, "'; use up to 60 letters, digits, '-', '_', '.'"));
  }
  plan.vm = top.Text("vm");
  if (!absl::StartsWith(plan.vm, "vms/") || !IsIdentifier(absl::StripPrefix(plan.vm, "vms/"))) {
    complaint.Add(top.Where("vm"),
                  absl::StrCat("'vm' is '", plan.vm, "'; write a VM's name like vms/lab"));
  }
  plan.load = ReadLoad(top.Child("load"), complaint);
  plan.scrape = top.Texts("scrape");
  plan.phases = ReadPhases(top.Child("phases"), complaint);
  if (top.Has("order")) ReadOrder(top.Child("order"), plan, complaint);
  plan.repetitions = static_cast<int>(top.IntegerOr("repetitions", 1, 1000, 1));
  const YAML::Node faults = top.Child("faults");
  if (!faults.IsSequence() || faults.size() == 0) {
    complaint.Add(top.Where("faults"), "'faults' must be a list of at least one fault");
    return plan;
  }
  for (const YAML::Node& fault : faults) {
    plan.faults.push_back(ReadFault(fault, plan.faults.size() + 1, plan.repetitions, complaint));
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
