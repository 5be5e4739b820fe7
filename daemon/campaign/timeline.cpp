#include "daemon/campaign/timeline.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

// Fisher-Yates by hand: std::shuffle may differ between standard libraries, a plan's order may not.
void Shuffle(std::vector<PlannedWindow>& windows, std::mt19937_64& random) {
  for (size_t i = windows.size(); i > 1; --i) std::swap(windows[i - 1], windows[random() % i]);
}

std::vector<PlannedWindow> WindowsOfRepetition(const CampaignPlan& plan, int repetition) {
  std::vector<PlannedWindow> windows;
  for (const PlannedFault& fault : plan.faults) {
    for (const std::string& service : fault.services) {
      PlannedWindow window;
      window.group = absl::StrCat("r", repetition + 1);
      window.kind = fault.kind;
      window.service = service;
      window.parameters = fault.parameters[repetition];
      windows.push_back(std::move(window));
    }
  }
  return windows;
}

}  // namespace

Timeline LayOut(const CampaignPlan& plan) {
  std::mt19937_64 random(plan.order_seed);
  Timeline timeline;
  absl::Duration at = plan.phases.warmup;
  for (int repetition = 0; repetition < plan.repetitions; ++repetition) {
    std::vector<PlannedWindow> windows = WindowsOfRepetition(plan, repetition);
    if (plan.order == WindowOrder::kRandom) Shuffle(windows, random);
    for (PlannedWindow& window : windows) {
      window.before = at;
      window.start = window.before + plan.phases.before;
      window.end = window.start + plan.phases.during;
      window.after = window.end + plan.phases.after;
      at = window.after;
      timeline.windows.push_back(std::move(window));
    }
  }
  timeline.duration = at + plan.phases.cooldown;
  return timeline;
}

}  // namespace grayling
