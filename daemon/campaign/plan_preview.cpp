#include "daemon/campaign/plan_preview.h"

#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "base/fault_kinds.h"
#include "base/proto_time.h"
#include "daemon/campaign/campaign_record.h"
#include "daemon/campaign/timeline_svg.h"
#include "daemon/campaign/traffic_estimate.h"

namespace grayling {
namespace {

v1::WindowClass ClassOf(const v1::FaultWindow& window) {
  v1::WindowClass result;
  result.set_kind(window.spec().kind());
  result.set_service(window.spec().service());
  result.set_gray(window.gray());
  result.set_load(window.load());
  result.set_windows(1);
  const FaultKind* kind = FindFaultKindOrNull(window.spec().kind());
  if (kind == nullptr || kind->parameters.empty()) return result;
  const auto value = window.spec().parameters().find(kind->parameters.front().name);
  const bool is_known = value != window.spec().parameters().end() && !std::isnan(value->second);
  if (is_known) result.set_intensity(value->second);
  return result;
}

}  // namespace

std::vector<v1::WindowClass> WindowClasses(const CampaignPlan& plan, const Timeline& timeline) {
  using Key = std::tuple<std::string, std::string, std::string, double, std::string>;
  std::map<Key, v1::WindowClass> classes;
  for (const PlannedWindow& window : timeline.windows) {
    v1::WindowClass one = ClassOf(ToWindowProto(plan, window, 0));
    const Key key(one.kind(), one.service(), one.load(), one.intensity(), one.gray());
    const auto [found, is_new] = classes.try_emplace(key, one);
    if (!is_new) found->second.set_windows(found->second.windows() + 1);
  }
  std::vector<v1::WindowClass> sorted;
  for (auto& [key, one] : classes) sorted.push_back(std::move(one));
  return sorted;
}

v1::PlanCampaignResponse PreviewOf(const CampaignPlan& plan, const Timeline& timeline,
                                   const LoadStatistics& last_load,
                                   const LoadSettings& last_settings) {
  v1::PlanCampaignResponse preview;
  ToProto(timeline.duration, preview.mutable_duration());
  for (const PlannedWindow& window : timeline.windows) {
    const int index = preview.windows_size();
    v1::FaultWindow& proto = *preview.add_windows() = ToWindowProto(plan, window, index);
    for (const auto& [name, value] : window.parameters) {
      if (std::isnan(value)) proto.mutable_spec()->mutable_parameters()->erase(name);
    }
  }
  for (v1::WindowClass& one : WindowClasses(plan, timeline)) {
    *preview.add_classes() = std::move(one);
  }
  *preview.mutable_traffic() = EstimateTraffic(plan, timeline, last_load, last_settings);
  preview.set_svg(TimelineSvg(plan, timeline));
  return preview;
}

}  // namespace grayling
