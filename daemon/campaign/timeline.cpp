#include "daemon/campaign/timeline.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fault_kinds.h"
#include "daemon/campaign/gray_intensity.h"
#include "daemon/campaign/ordering.h"

namespace grayling {
namespace {

// A cell of the plan's matrix: where its parts stand in the plan. No fault: a baseline.
struct MatrixCell {
  size_t load = 0;
  const PlannedFault* fault = nullptr;
  std::string service;
  const PlannedIntensity* intensity = nullptr;
};

std::string LevelName(const CampaignPlan& plan, size_t load) {
  return load < plan.loads.size() ? plan.loads[load].name : "";
}

const LoadSettings& LevelSettings(const CampaignPlan& plan, size_t load) {
  return load < plan.loads.size() ? plan.loads[load].settings : plan.load;
}

std::vector<MatrixCell> CellsOf(const CampaignPlan& plan) {
  std::vector<MatrixCell> cells;
  for (size_t load = 0; load < std::max<size_t>(1, plan.loads.size()); ++load) {
    if (plan.baseline > 0) cells.push_back({load, nullptr, "", nullptr});
    for (const PlannedFault& fault : plan.faults) {
      for (const std::string& service : fault.services) {
        if (fault.intensities.empty()) cells.push_back({load, &fault, service, nullptr});
        for (const PlannedIntensity& intensity : fault.intensities) {
          cells.push_back({load, &fault, service, &intensity});
        }
      }
    }
  }
  return cells;
}

// The intensity that tells a cell from its neighbours; the first repetition's when each has its
// own.
PlannedIntensity IntensityOf(const MatrixCell& cell) {
  if (cell.intensity != nullptr) return *cell.intensity;
  const FaultKind* kind = cell.fault == nullptr ? nullptr : FindFaultKindOrNull(cell.fault->kind);
  if (kind == nullptr || kind->parameters.empty() || cell.fault->parameters.empty()) return {};
  const auto& first = cell.fault->parameters.front();
  const auto value = first.find(kind->parameters.front().name);
  return value == first.end() ? PlannedIntensity() : PlannedIntensity{value->second};
}

int CoveredBefore(const CampaignPlan& plan, const ExperimentCell& cell,
                  const PlannedIntensity& intensity) {
  int covered = 0;
  for (const CoveredCell& earlier : plan.covered) {
    const bool same_intensity = !earlier.intensity.has_value() ||
                                (earlier.intensity->value == intensity.value &&
                                 earlier.intensity->gray_percent == intensity.gray_percent);
    if (earlier.kind == cell.kind && earlier.service == cell.service && same_intensity &&
        (earlier.load.empty() || earlier.load == cell.load)) {
      covered += earlier.windows;
    }
  }
  return covered;
}

std::vector<ExperimentCell> StatesOf(const CampaignPlan& plan,
                                     const std::vector<MatrixCell>& cells) {
  std::vector<ExperimentCell> states;
  for (const MatrixCell& cell : cells) {
    const PlannedIntensity intensity = IntensityOf(cell);
    ExperimentCell state;
    state.kind = cell.fault == nullptr ? kBaselineKind : cell.fault->kind;
    state.service = cell.service;
    state.intensity = intensity.IsGray() ? GrayPercentText(intensity.gray_percent)
                                         : absl::StrCat(intensity.value);
    state.load = LevelName(plan, cell.load);
    state.budget = cell.fault == nullptr ? plan.baseline : plan.repetitions;
    state.covered = CoveredBefore(plan, state, intensity);
    states.push_back(std::move(state));
  }
  return states;
}

PlannedWindow WindowOf(const MatrixCell& cell, int repetition) {
  PlannedWindow window;
  window.group = absl::StrCat("r", repetition + 1);
  window.load = cell.load;
  window.service = cell.service;
  if (cell.fault == nullptr) {
    window.kind = kBaselineKind;
    return window;
  }
  window.kind = cell.fault->kind;
  window.parameters = cell.fault->parameters[repetition];
  window.options = cell.fault->options;
  window.shape = cell.fault->shape;
  window.backend = cell.fault->backend;
  window.arguments = cell.fault->arguments;
  if (cell.intensity == nullptr) return window;
  const std::string& name = FindFaultKindOrNull(window.kind)->parameters.front().name;
  window.gray_percent = cell.intensity->gray_percent;
  const auto resolved = cell.intensity->by_service.find(cell.service);
  if (!cell.intensity->IsGray()) {
    window.parameters[name] = cell.intensity->value;
  } else if (resolved != cell.intensity->by_service.end()) {
    window.parameters[name] = resolved->second;
  } else {
    window.parameters[name] = std::numeric_limits<double>::quiet_NaN();
  }
  return window;
}

}  // namespace

Timeline LayOut(const CampaignPlan& plan) {
  const std::vector<MatrixCell> cells = CellsOf(plan);
  const std::vector<CellVisit> visits =
      OrderCells(StatesOf(plan, cells), plan.order, plan.order_seed, plan.repetitions);
  Timeline timeline;
  absl::Duration at = plan.phases.warmup;
  for (const CellVisit& visit : visits) {
    PlannedWindow window = WindowOf(cells[visit.cell], visit.repetition);
    if (timeline.windows.empty()) {
      timeline.load_changes.push_back({absl::ZeroDuration(), window.load});
    } else {
      const bool changes = window.load != timeline.windows.back().load;
      if (changes) timeline.load_changes.push_back({at, window.load});
      const absl::Duration ramp_up =
          changes ? LevelSettings(plan, window.load).ramp_up : absl::ZeroDuration();
      at += std::max(plan.phases.gap, ramp_up);
    }
    window.before = at;
    window.start = window.before + plan.phases.before;
    window.end = window.start + plan.phases.during;
    window.after = window.end + plan.phases.after;
    at = window.after;
    timeline.windows.push_back(std::move(window));
  }
  timeline.duration = at + plan.phases.cooldown;
  return timeline;
}

std::string GrayText(const PlannedWindow& window) {
  return window.gray_percent > 0 ? GrayPercentText(window.gray_percent) : "";
}

}  // namespace grayling
