#include "daemon/metrics/fault_figures.h"

#include <algorithm>
#include <array>
#include <map>

namespace grayling {
namespace {

constexpr std::array<const char*, 5> kPhases = {"warmup", "before", "during", "after", "cooldown"};

}  // namespace

FaultFigures::FaultFigures(prometheus::Registry& registry)
    : count_(registry, "grayling_faults_active", "Faults that may be active now", kLargestFaults),
      active_(registry, "grayling_fault_active", "1 while a fault acts", kLargestFaults),
      intensity_(registry, "grayling_fault_intensity", "Largest intensity now, after its shape",
                 kLargestFaults),
      phase_(registry, "grayling_campaign_phase", "1 for the campaign's present phase",
             kPhases.size()) {
  SetPhase("");
}

void FaultFigures::Set(const std::vector<Fault>& faults) {
  std::map<LabelledGauge::Labels, double> count;
  std::map<LabelledGauge::Labels, double> active;
  std::map<LabelledGauge::Labels, double> intensity;
  for (const Fault& fault : faults) {
    LabelledGauge::Labels labels = {{"kind", fault.kind}, {"service", fault.service}};
    if (!fault.has_ended) count[labels] += 1;
    labels["campaign"] = fault.campaign;
    active[labels] = std::max(active[labels], fault.acts ? 1.0 : 0.0);
    if (!fault.has_ended) intensity[labels] = std::max(intensity[labels], fault.intensity);
  }
  absl::MutexLock lock(&mutex_);
  count_.ReplaceAll(count);
  active_.ReplaceAll(active);
  intensity_.ReplaceAll(intensity);
}

void FaultFigures::SetPhase(const std::string& phase) {
  absl::MutexLock lock(&mutex_);
  for (const char* name : kPhases) phase_.Set({{"phase", name}}, phase == name ? 1 : 0);
}

}  // namespace grayling
