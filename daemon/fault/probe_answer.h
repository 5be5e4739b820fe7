#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/guest/executor.h"

namespace grayling {

// What `grayling-probe fault apply|revert` prints when all went well.
struct ProbeAnswer {
  std::string id;
  absl::Time guest_time;
  std::string readback;
  std::map<std::string, double> values;  // read back, by parameter name
  std::string residue;
};

// Believes an answer only when the exit code, its "ok" and its shape agree. Errors: NOT_FOUND when
// the tool says that it does not know the fault; DATA_LOSS when it says that something of the fault
// was left; FAILED_PRECONDITION with the tool's own sentence
// when it refused; INTERNAL when it answered nonsense.
absl::StatusOr<ProbeAnswer> ParseProbeAnswer(const ExecResult& result, const std::string& id);

// FAILED_PRECONDITION when what was read back is not what was asked for. Network values are set
// exactly (1 % for rounding); other values may differ by 20 %. Of a CPU load, whose "percent" is
// what was set, at least half must have been measured ("percent_measured").
absl::Status CompareReadback(const std::string& kind, const std::map<std::string, double>& asked,
                             const ProbeAnswer& answer);

}  // namespace grayling
