#pragma once

#include "probe/fault/fault_keeper.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// The two processes behind ApplyFault. Both run in forked children and never return; they speak to
// the waiting caller through one line of JSON on `report`.

inline constexpr char kKeeperName[] = "grayling-keep";  // as /proc/PID/comm shows it

// Leaves the caller's session, cgroup and files; starts the keeper and watches over it.
[[noreturn]] void RunGuard(const FaultSettings& settings, const FaultOrder& order, UniqueFd report);

// Applies, reports, waits for the end, takes back, records.
[[noreturn]] void RunKeeper(const FaultSettings& settings, FaultOrder order,
                            const ProcessIdentity& guard, UniqueFd report);

}  // namespace grayling::probe
