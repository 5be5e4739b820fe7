#include "client/cli/output/tables.h"

namespace grayling {
namespace {

const char* KindCell(v1::MetricKind kind) {
  switch (kind) {
    case v1::METRIC_KIND_GAUGE:
      return "gauge";
    case v1::METRIC_KIND_COUNTER:
      return "counter";
    case v1::METRIC_KIND_DELTA:
      return "delta";
    default:
      return "";
  }
}

}  // namespace

Table TableOf(const v1::ListMetricCatalogueResponse& list) {
  Table table;
  table.columns = {"NAME", "KIND", "GROUP", "UNIT", "MEANING", "WHY"};
  for (const v1::CatalogueMetric& metric : list.metrics()) {
    table.rows.push_back({metric.name(), KindCell(metric.kind()), metric.group(), metric.unit(),
                          metric.meaning(), metric.reason()});
  }
  return table;
}

}  // namespace grayling
