#include "daemon/campaign/fault_series.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/fault_kinds.h"
#include "base/fault_shape.h"
#include "base/status_macros.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

using Labels = std::map<std::string, std::string>;

Labels LabelsOf(const DaemonExporter::Fault& fault) {
  return {{"kind", fault.kind}, {"service", fault.service}, {"campaign", fault.campaign}};
}

double AskedIntensity(const FaultKind& kind, const FaultRecord& fault) {
  if (kind.Intensity() == nullptr) return 1;  // on or off
  const auto found = fault.parameters.find(kind.Intensity()->name);
  return found == fault.parameters.end() ? kind.Intensity()->default_value : found->second;
}

bool ActsAt(const FaultRecord& fault, absl::Time now) {
  if (fault.state == FaultState::kResidue) return true;
  if (!fault.MayBeActive() || fault.verified == absl::InfinitePast()) return false;
  return now < fault.verified + fault.duration;
}

}  // namespace

DaemonExporter::Fault FaultNow(const FaultRecord& fault, absl::Time now) {
  DaemonExporter::Fault shown{fault.kind, fault.service, 0, fault.campaign, ActsAt(fault, now)};
  const FaultKind* kind = FindFaultKindOrNull(fault.kind);
  if (kind == nullptr) return shown;
  FaultShape shape;
  double share = 0;
  if (shown.acts && ParseShape(fault.shape, shape).empty()) {
    share = ShareAt(shape, absl::ToDoubleSeconds(now - fault.verified),
                    absl::ToDoubleSeconds(fault.duration));
  }
  const double asked = AskedIntensity(*kind, fault);
  shown.intensity = kind->Intensity() == nullptr ? share : IntensityAt(*kind, asked, share);
  return shown;
}

void FaultSeries::Record() {
  const absl::StatusOr<std::vector<FaultRecord>> live = faults_.List(/*active_only=*/true);
  if (!live.ok()) return;
  const absl::Time now = clock_.Now();
  std::vector<DaemonExporter::Fault> faults;
  for (const FaultRecord& fault : *live) faults.push_back(FaultNow(fault, now));
  std::vector<DaemonExporter::Fault> with_ended = faults;
  for (DaemonExporter::Fault& before : shown_) {
    const auto has_equal_labels = [&](const DaemonExporter::Fault& fault) {
      return LabelsOf(fault) == LabelsOf(before);
    };
    if (std::any_of(with_ended.begin(), with_ended.end(), has_equal_labels)) continue;
    before.acts = false;
    before.has_ended = true;
    with_ended.push_back(before);
  }
  shown_ = std::move(faults);
  exporter_.SetFaults(with_ended);
  if (with_ended.empty()) return;
  const absl::Status stored = Store(with_ended, now);
  if (!stored.ok() && !refused_) {
    spdlog::warn("the faults' series are not recorded: {}", std::string(stored.message()));
  }
  refused_ = !stored.ok();
}

absl::Status FaultSeries::Add(SampleBatch& batch, const std::string& series, double value) {
  auto known = ids_.find(series);
  if (known == ids_.end()) {
    GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, store_.Intern(series));
    known = ids_.emplace(series, id).first;
  }
  batch.series.push_back(known->second);
  batch.values.push_back(value);
  return absl::OkStatus();
}

absl::Status FaultSeries::Store(const std::vector<DaemonExporter::Fault>& faults, absl::Time now) {
  std::map<Labels, std::pair<bool, double>> values;
  std::map<Labels, bool> ended;
  for (const DaemonExporter::Fault& fault : faults) {
    const auto [value, is_new] =
        values.emplace(LabelsOf(fault), std::make_pair(fault.acts, fault.intensity));
    ended[LabelsOf(fault)] = fault.has_ended;
    if (is_new) continue;
    value->second.first = value->second.first || fault.acts;
    value->second.second = std::max(value->second.second, fault.intensity);
  }
  SampleBatch batch;
  batch.target = "faults";
  batch.time_ms = absl::ToUnixMillis(now);
  for (const auto& [labels, value] : values) {
    GRAYLING_RETURN_IF_ERROR(
        Add(batch, SeriesText("grayling_fault_active", labels), value.first ? 1 : 0));
    if (ended[labels]) continue;
    GRAYLING_RETURN_IF_ERROR(
        Add(batch, SeriesText("grayling_fault_intensity", labels), value.second));
  }
  GRAYLING_RETURN_IF_ERROR(store_.Append(batch));
  for (BatchListener* listener : listeners_) listener->OnBatch(batch);
  return absl::OkStatus();
}

}  // namespace grayling
