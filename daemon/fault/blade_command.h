#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/fault/injector.h"

namespace grayling {

// Where ChaosBlade is looked for in a guest before $PATH.
inline constexpr char kBladePath[] = "/opt/chaosblade/blade";

// Whether ChaosBlade can make this native kind too. It cannot make network.rate and .partition (no
// bandwidth limit, chaosblade #50), quotas, leaks, and not process.pause: it stops processes for
// the whole time only, and from inside the container's process namespace, where the kernel spares
// the first process.
bool BladeHasToo(absl::string_view kind);

// Our own id of the experiment: 16 hexadecimal digits made from the fault's id (FNV-1a, 64 bits).
std::string BladeUid(absl::string_view fault_id);

// The whole `blade create` line of a complete order, beginning with `program`: always in the scope
// of the service's container, except for a line of kind blade that says otherwise; always with our
// --uid and with a --timeout, which is blade's own dead-man's timer. That one is set half a minute
// behind the fault's end, because it already runs while the effect is read back: the timer that
// counts is the guest tool's. INVALID_ARGUMENT, in one sentence, for what blade does not have.
absl::StatusOr<std::vector<std::string>> BladeCreateLine(const FaultOrder& order,
                                                         const std::string& program);

}  // namespace grayling
