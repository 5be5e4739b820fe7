#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/fault/injector.h"
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
// when it refused; INTERNAL when it answered nonsense. `place` is where the tool runs, for people.
absl::StatusOr<ProbeAnswer> ParseProbeAnswer(const ExecResult& result, const std::string& id,
                                             absl::string_view place = "guest");

// What `fault revert` answered: the end, or DATA_LOSS when the tool still sees something.
absl::StatusOr<FaultEffect> EffectOfRevert(const ExecResult& result, const std::string& id,
                                           absl::string_view place = "guest");

// Ids of the marks that have not clearly ended, as `fault list` printed them. With a `domain`,
// those of other domains are left out; what does not say whose it is stays in.
absl::StatusOr<std::vector<std::string>> ParseMarks(const ExecResult& result,
                                                    const std::string& domain = "");

// FAILED_PRECONDITION when what was read back is not what the order asks for: its intensity, at the
// share with which its shape begins. Kernel settings are exact (1 % for rounding); what is reached
// by work (memory, disk) may differ by 20 %, what is counted
// in whole operations or KiB by half of one. Of a CPU load, whose "percent" is what was set, at
// least half must have been measured ("percent_measured").
absl::Status CompareReadback(const FaultOrder& order, const ProbeAnswer& answer);

}  // namespace grayling
