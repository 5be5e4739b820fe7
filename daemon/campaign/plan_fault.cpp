#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/campaign/gray_intensity.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/campaign/plan_readers.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

std::vector<std::string> NamesOf(const std::vector<PlannedService>& services) {
  std::vector<std::string> names;
  for (const PlannedService& service : services) names.push_back(service.name);
  return names;
}

std::vector<std::string> ReadServices(StrictMapping& entry, const std::string& what,
                                      const FaultKind& kind, const CampaignPlan& plan,
                                      YamlComplaint& complaint) {
  if (kind.target == FaultTarget::kMachine) {
    if (entry.Has("services")) {
      complaint.Add(entry.Where("services"), absl::StrCat(kind.kind,
                                                          " acts on the VM itself; "
                                                          "leave 'services' of ",
                                                          what, " out"));
    }
    return {""};
  }
  const std::vector<std::string> known = NamesOf(plan.services);
  const YAML::Node node = entry.Child("services");
  if (node.IsScalar() && node.Scalar() == "all") {
    if (known.empty()) {
      complaint.Add(node.Mark(), absl::StrCat("'services' of ", what,
                                              " is all, but the plan lists "
                                              "no 'services'; list them, or name them here"));
    }
    return known;
  }
  std::vector<std::string> services = entry.Texts("services");
  for (size_t i = 0; i < services.size() && !known.empty(); ++i) {
    if (std::find(known.begin(), known.end(), services[i]) != known.end()) continue;
    complaint.Add(node[i].Mark(), absl::StrCat("service '", services[i], "' of ", what,
                                               " is not among the plan's 'services', which are ",
                                               absl::StrJoin(known, ", ")));
  }
  return services;
}

std::vector<PlannedIntensity> ReadIntensities(StrictMapping& entry, const std::string& what,
                                              const FaultKind& kind, YamlComplaint& complaint) {
  std::vector<PlannedIntensity> intensities;
  const bool has_one = entry.Has("intensity");
  if (!has_one && !entry.Has("intensities")) return intensities;
  const std::string key = has_one ? "intensity" : "intensities";
  if (has_one && entry.Has("intensities")) {
    complaint.Add(entry.Where("intensities"),
                  absl::StrCat(what, " has 'intensity' and 'intensities'; keep one of them"));
  }
  if (kind.parameters.empty()) {
    complaint.Add(entry.Where(key), absl::StrCat(kind.kind,
                                                 " is on or off and has no intensity; "
                                                 "leave '",
                                                 key, "' of ", what, " out"));
    return intensities;
  }
  const std::vector<YAML::Node> nodes =
      has_one ? std::vector<YAML::Node>{entry.Child(key)} : entry.Elements(key);
  for (const YAML::Node& node : nodes) {
    const PlannedIntensity intensity = ReadIntensity(node, what, complaint);
    for (const PlannedIntensity& other : intensities) {
      if (other.value != intensity.value || other.gray_percent != intensity.gray_percent) continue;
      complaint.Add(node.Mark(), absl::StrCat("an intensity stands twice in ", what,
                                              "; remove one, 'repetitions' repeats windows"));
    }
    intensities.push_back(intensity);
  }
  return intensities;
}

// The names of a kind's parameters or options.
template <typename Described>
std::vector<std::string> NamesIn(const std::vector<Described>& described) {
  std::vector<std::string> names;
  for (const Described& one : described) names.push_back(one.name);
  return names;
}

std::map<std::string, std::string> ReadOptions(StrictMapping& entry, const std::string& what,
                                               const FaultKind& kind, YamlComplaint& complaint) {
  std::map<std::string, std::string> options;
  if (entry.Has("options")) {
    const std::vector<std::string> names = NamesIn(kind.options);
    StrictMapping mapping(entry.Child("options"), absl::StrCat("'options' of ", what), names,
                          complaint);
    for (const std::string& name : names) {
      if (mapping.Has(name)) options[name] = mapping.Text(name);
    }
  }
  absl::StatusOr<FaultValues> complete = CompleteValues(kind, {{}, options});
  if (complete.ok()) return std::move(complete->options);
  complaint.Add(entry.Where("options"), complete.status().message());
  return options;
}

// What was written for each repetition. A list gives one value to each, a single value serves all.
std::vector<FaultParameters> ReadGiven(StrictMapping& mapping, const std::string& what,
                                       const FaultKind& kind, int repetitions,
                                       YamlComplaint& complaint) {
  std::vector<FaultParameters> sets(repetitions);
  for (const std::string& name : NamesIn(kind.parameters)) {
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
  return sets;
}

// One complete set for each repetition, tried with every intensity.
std::vector<FaultParameters> ReadParameters(StrictMapping& entry, const std::string& what,
                                            const FaultKind& kind, int repetitions,
                                            const std::vector<PlannedIntensity>& intensities,
                                            YamlComplaint& complaint) {
  const YAML::Node node =
      entry.Has("parameters") ? entry.Child("parameters") : YAML::Node(YAML::NodeType::Map);
  StrictMapping mapping(node, absl::StrCat("'parameters' of ", what), NamesIn(kind.parameters),
                        complaint);
  std::vector<FaultParameters> sets = ReadGiven(mapping, what, kind, repetitions, complaint);
  if (!intensities.empty() && mapping.Has(kind.parameters.front().name)) {
    complaint.Add(mapping.Where(kind.parameters.front().name),
                  absl::StrCat("'", kind.parameters.front().name, "' is the intensity of ", what,
                               ", which is given beside 'parameters' already; keep one of them"));
    return sets;
  }
  for (FaultParameters& set : sets) {
    for (const PlannedIntensity& intensity : intensities) {
      const FaultParameter& first = kind.parameters.front();
      // A calibrated value is checked when it is known.
      set[first.name] = intensity.IsGray() ? first.maximum : intensity.value;
      const absl::Status allowed = CompleteValues(kind, {set, {}}).status();
      if (allowed.ok()) continue;
      const std::string key = entry.Has("intensity") ? "intensity" : "intensities";
      complaint.Add(entry.Where(key), allowed.message());
    }
    absl::StatusOr<FaultValues> complete = CompleteValues(kind, {set, {}});
    if (!complete.ok()) complaint.Add(mapping.Where(), complete.status().message());
    if (complete.ok()) set = std::move(complete->parameters);
  }
  return sets;
}

FaultShape ReadShape(StrictMapping& entry, const std::string& what, const FaultKind& kind,
                     YamlComplaint& complaint) {
  FaultShape shape;
  if (!entry.Has("shape")) return shape;
  StrictMapping mapping(entry.Child("shape"), absl::StrCat("'shape' of ", what),
                        PlanKeys().at("shape"), complaint);
  shape.kind = mapping.Text("kind");
  shape.from = mapping.NumberOr("from", 0, 1, shape.from);
  shape.steps = static_cast<int>(mapping.IntegerOr("steps", 2, 100, shape.steps));
  shape.period_s = mapping.NumberOr("period_s", 0.2, 3600, shape.period_s);
  shape.duty = mapping.NumberOr("duty", 0, 1, shape.duty);
  shape.seed = static_cast<uint64_t>(mapping.IntegerOr("seed", 0, 1'000'000'000, 1));
  const std::string wrong = ShapeComplaint(shape);
  if (!wrong.empty()) complaint.Add(mapping.Where("kind"), wrong);
  if (!kind.can_change && !shape.IsConstant()) {
    complaint.Add(mapping.Where("kind"), absl::StrCat("the intensity of ", kind.kind,
                                                      " cannot change while it acts; "
                                                      "leave 'shape' of ",
                                                      what, " out"));
  }
  return shape;
}

std::vector<std::string> ReadArguments(StrictMapping& entry, const std::string& what,
                                       const FaultKind& kind, YamlComplaint& complaint) {
  if (kind.kind == "blade") return entry.TextsWithRepetition("arguments");
  if (entry.Has("arguments")) {
    complaint.Add(entry.Where("arguments"), absl::StrCat("'arguments' belongs to the kind blade; "
                                                         "leave it out of ",
                                                         what));
  }
  return {};
}

}  // namespace

PlannedIntensity ReadIntensity(const YAML::Node& node, const std::string& what,
                               YamlComplaint& complaint) {
  PlannedIntensity intensity;
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const absl::StatusOr<double> gray = ParseGray(text);
  if (gray.ok()) {
    intensity.gray_percent = *gray;
  } else if (absl::IsInvalidArgument(gray.status())) {
    complaint.Add(node.Mark(), gray.status().message());
  } else if (!absl::SimpleAtod(text, &intensity.value)) {
    complaint.Add(node.Mark(),
                  absl::StrCat("an intensity of ", what, " must be a number or gray(20%)"));
  }
  return intensity;
}

PlannedFault ReadFault(const YAML::Node& node, size_t number, const CampaignPlan& plan,
                       YamlComplaint& complaint) {
  const std::string what = absl::StrCat("entry ", number, " of 'faults'");
  StrictMapping entry(node, what, PlanKeys().at("fault"), complaint);
  PlannedFault fault;
  fault.kind = entry.Text("kind");
  const absl::StatusOr<const FaultKind*> kind = FindFaultKind(fault.kind);
  if (!kind.ok()) {
    complaint.Add(entry.Where("kind"), kind.status().message());
    return fault;
  }
  fault.services = ReadServices(entry, what, **kind, plan, complaint);
  fault.intensities = ReadIntensities(entry, what, **kind, complaint);
  fault.parameters =
      ReadParameters(entry, what, **kind, plan.repetitions, fault.intensities, complaint);
  fault.options = ReadOptions(entry, what, **kind, complaint);
  fault.shape = ReadShape(entry, what, **kind, complaint);
  const std::vector<std::string> backends = BackendsOf(**kind);
  fault.backend = entry.ChoiceOr("backend", backends, backends.front());
  fault.arguments = ReadArguments(entry, what, **kind, complaint);
  return fault;
}

GuardRule ReadGuard(const YAML::Node& node, size_t number, YamlComplaint& complaint) {
  const std::string what = absl::StrCat("entry ", number, " of 'guards'");
  StrictMapping guard(node, what, PlanKeys().at("guard"), complaint);
  GuardRule rule;
  absl::StatusOr<GuardRule> read = ParseGuardRule(guard.Text("rule"));
  if (!read.ok()) complaint.Add(guard.Where("rule"), read.status().message());
  if (read.ok()) rule = *std::move(read);
  const auto seconds = [&](const char* key, absl::Duration absent) {
    return absl::Seconds(guard.NumberOr(key, 0, 3600, absl::ToDoubleSeconds(absent)));
  };
  rule.hold = seconds("for_s", rule.hold);
  rule.clear = seconds("clear_s", rule.clear);
  guard.Child("action");
  const std::string action = guard.ChoiceOr("action", {"abort", "pause", "skip"}, "abort");
  rule.action = ParseGuardAction(action).value_or(GuardAction::kAbort);
  return rule;
}

}  // namespace grayling
