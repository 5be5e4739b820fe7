#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/campaign/plan_readers.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

constexpr int64_t kMostRepetitions = 1000;

CoveredCell ReadCovered(const YAML::Node& node, const CampaignPlan& plan,
                        YamlComplaint& complaint) {
  const std::string what =
      absl::StrCat("entry ", plan.covered.size() + 1, " of 'covered' in 'order'");
  StrictMapping entry(node, what, PlanKeys().at("covered"), complaint);
  CoveredCell cell;
  cell.kind = entry.Text("kind");
  const absl::Status known = FindFaultKind(cell.kind).status();
  if (!known.ok() && cell.kind != kBaselineKind) {
    complaint.Add(entry.Where("kind"), known.message());
  }
  cell.service = entry.TextOr("service", "");
  if (entry.Has("intensity")) {
    cell.intensity = ReadIntensity(entry.Child("intensity"), what, complaint);
  }
  cell.load = entry.TextOr("load", "");
  const auto is_named = [&cell](const LoadLevel& level) { return level.name == cell.load; };
  if (!cell.load.empty() && std::none_of(plan.loads.begin(), plan.loads.end(), is_named)) {
    complaint.Add(entry.Where("load"),
                  absl::StrCat("no entry of 'load' has the name '", cell.load, "'"));
  }
  cell.windows = static_cast<int>(entry.IntegerOr("windows", 1, 1'000'000, 1));
  return cell;
}

}  // namespace

void ReadOrder(StrictMapping& top, CampaignPlan& plan, YamlComplaint& complaint) {
  plan.repetitions = static_cast<int>(top.IntegerOr("repetitions", 1, kMostRepetitions, 1));
  if (!top.Has("order")) return;
  StrictMapping order(top.Child("order"), "'order'", PlanKeys().at("order"), complaint);
  order.Child("policy");
  const std::string policy =
      order.ChoiceOr("policy", {"random", "sequential", "round-robin-budget"}, "sequential");
  if (policy == "random") plan.order = WindowOrder::kRandom;
  if (policy == "round-robin-budget") plan.order = WindowOrder::kRoundRobinBudget;
  plan.order_seed = static_cast<uint64_t>(order.IntegerOr("seed", 0, INT64_MAX, 1));
  for (const char* key : {"budget", "covered"}) {
    if (!order.Has(key) || plan.order == WindowOrder::kRoundRobinBudget) continue;
    complaint.Add(order.Where(key), absl::StrCat("'", key,
                                                 "' in 'order' belongs to the policy "
                                                 "round-robin-budget; leave it out"));
  }
  const int budget =
      static_cast<int>(order.IntegerOr("budget", 1, kMostRepetitions, plan.repetitions));
  if (top.Has("repetitions") && budget != plan.repetitions) {
    complaint.Add(order.Where("budget"),
                  absl::StrCat("'budget' is ", budget, " but 'repetitions' is ", plan.repetitions,
                               "; both say how many windows a cell gets, so give one of them"));
  }
  plan.repetitions = budget;
  if (!order.Has("covered")) return;
  for (const YAML::Node& cell : order.Elements("covered")) {
    plan.covered.push_back(ReadCovered(cell, plan, complaint));
  }
}

}  // namespace grayling
