#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/metrics/sample_store.h"
#include "grayling/v1/metric.pb.h"

namespace grayling {

// False when the client is gone.
using SendQueryPart = absl::FunctionRef<bool(const v1::QueryRangeResponse&)>;

// MetricService.QueryRange: sends the answer in messages of up to 1,000 samples, holding one
// message and one series in memory beside what the store holds. end_time unset means `now`.
// INVALID_ARGUMENT for a span that ends before it begins, a wrong selector, a step that is no
// positive number of milliseconds, or an aggregation without a step; CANCELLED when the client is
// gone.
absl::Status QuerySamples(const v1::QueryRangeRequest& request, absl::Time now,
                          SampleStore& samples, SendQueryPart send);

// MetricService.ListSeries: one page of the series that `selector` takes and whose text contains
// `contains`, by id.
absl::Status ListSeriesPage(const v1::ListSeriesRequest& request, SampleStore& samples,
                            v1::ListSeriesResponse& response);

}  // namespace grayling
