#include "daemon/metrics/metric_catalogue.h"

#include <algorithm>
#include <array>
#include <utility>

namespace grayling {
namespace {

constexpr std::array<std::pair<MetricGroup, absl::string_view>, 9> kGroups = {
    {{MetricGroup::kCpu, "cpu"},
     {MetricGroup::kMemory, "memory"},
     {MetricGroup::kDisk, "disk"},
     {MetricGroup::kNetwork, "network"},
     {MetricGroup::kContainer, "container"},
     {MetricGroup::kScheduler, "scheduler"},
     {MetricGroup::kJvm, "jvm"},
     {MetricGroup::kL7, "l7"},
     {MetricGroup::kClient, "client"}}};

std::vector<CatalogueEntry> AllByName() {
  std::vector<CatalogueEntry> all(HostMetrics().begin(), HostMetrics().end());
  all.insert(all.end(), ApplicationMetrics().begin(), ApplicationMetrics().end());
  std::sort(all.begin(), all.end(), [](const CatalogueEntry& left, const CatalogueEntry& right) {
    return left.name < right.name;
  });
  return all;
}

}  // namespace

absl::string_view NameOf(MetricKind kind) {
  switch (kind) {
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kDelta:
      return "delta";
  }
  return "";
}

absl::string_view NameOf(MetricGroup group) {
  for (const auto& [one, name] : kGroups) {
    if (one == group) return name;
  }
  return "";
}

std::optional<MetricGroup> FindMetricGroup(absl::string_view name) {
  for (const auto& [group, one] : kGroups) {
    if (one == name) return group;
  }
  return std::nullopt;
}

const std::vector<CatalogueEntry>& MetricCatalogue() {
  static const std::vector<CatalogueEntry> all = AllByName();
  return all;
}

const CatalogueEntry* FindMetric(absl::string_view name) {
  const std::vector<CatalogueEntry>& all = MetricCatalogue();
  const auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const CatalogueEntry& entry, absl::string_view wanted) { return entry.name < wanted; });
  return found == all.end() || found->name != name ? nullptr : &*found;
}

}  // namespace grayling
