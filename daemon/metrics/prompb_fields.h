#pragma once

#include <cstdint>

// The field numbers of remote write 1.0: prometheus/prompb, remote.proto and types.proto. Both the
// writer of such requests (remote_write_body.h) and their reader use these.
namespace grayling::prompb {

inline constexpr uint32_t kRequestTimeSeries = 1;
inline constexpr uint32_t kSeriesLabels = 1;
inline constexpr uint32_t kSeriesSamples = 2;
inline constexpr uint32_t kLabelName = 1;
inline constexpr uint32_t kLabelValue = 2;
inline constexpr uint32_t kSampleValue = 1;
inline constexpr uint32_t kSampleTimestamp = 2;

}  // namespace grayling::prompb
