#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace grayling {

// What a metric measures, as far as its name tells. The names only refine a ranking: a metric that
// says nothing is kOther and compared with the metric of the same name elsewhere.
enum class SignalKind { kLatency, kErrors, kCpu, kMemory, kNetwork, kDisk, kLoad, kOther };

// By the words of the name (split at everything but letters and digits, and where a small letter
// meets a capital), labels in braces left aside. "http_server_requests_seconds_mean" is latency,
// "cpu_usage_percent" is CPU.
SignalKind SignalKindOf(absl::string_view metric);

// Whether less of it is worse: success rates, availability.
bool LowIsBad(absl::string_view metric);

// Metrics of one family say the same thing and count once: the kind's name, or the metric's own.
std::string SignalFamily(absl::string_view metric);

}  // namespace grayling
