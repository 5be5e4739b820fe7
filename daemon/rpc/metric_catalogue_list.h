#pragma once

#include "absl/status/status.h"
#include "grayling/v1/metric.pb.h"

namespace grayling {

// A page of the metric catalogue, by name. INVALID_ARGUMENT for a group that there is none of, with
// the groups that there are. Thread-safe.
absl::Status ListCatalogue(const v1::ListMetricCatalogueRequest& request,
                           v1::ListMetricCatalogueResponse& response);

}  // namespace grayling
