#include "daemon/rpc/metric_catalogue_list.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "daemon/metrics/metric_catalogue.h"
#include "daemon/rpc/paging.h"

namespace grayling {
namespace {

v1::MetricKind KindOf(MetricKind kind) {
  switch (kind) {
    case MetricKind::kGauge:
      return v1::METRIC_KIND_GAUGE;
    case MetricKind::kCounter:
      return v1::METRIC_KIND_COUNTER;
    case MetricKind::kDelta:
      return v1::METRIC_KIND_DELTA;
  }
  return v1::METRIC_KIND_UNSPECIFIED;
}

absl::Status UnknownGroup(const std::string& group) {
  std::set<std::string> groups;
  for (const CatalogueEntry& entry : MetricCatalogue()) {
    groups.insert(std::string(NameOf(entry.group)));
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no group of metrics '", group,
                                                 "'; take one of ", absl::StrJoin(groups, ", ")));
}

}  // namespace

absl::Status ListCatalogue(const v1::ListMetricCatalogueRequest& request,
                           v1::ListMetricCatalogueResponse& response) {
  const auto group = FindMetricGroup(request.group());
  if (!request.group().empty() && !group.has_value()) return UnknownGroup(request.group());
  std::vector<const CatalogueEntry*> chosen;
  for (const CatalogueEntry& entry : MetricCatalogue()) {
    if (!group.has_value() || entry.group == *group) chosen.push_back(&entry);
  }
  GRAYLING_ASSIGN_OR_RETURN(const Page page,
                            PageOf(chosen.size(), request.page_size(), request.page_token()));
  for (size_t i = page.begin; i < page.end; ++i) {
    v1::CatalogueMetric& metric = *response.add_metrics();
    metric.set_name(std::string(chosen[i]->name));
    metric.set_kind(KindOf(chosen[i]->kind));
    metric.set_group(std::string(NameOf(chosen[i]->group)));
    metric.set_unit(std::string(chosen[i]->unit));
    metric.set_meaning(std::string(chosen[i]->meaning));
    metric.set_reason(std::string(chosen[i]->reason));
  }
  response.set_next_page_token(page.next_token);
  return absl::OkStatus();
}

}  // namespace grayling
