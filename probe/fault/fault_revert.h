#pragma once

#include <map>
#include <string>

#include "probe/fault/fault_keeper.h"

namespace grayling::probe {

inline constexpr int kUnknownFault = -1;  // Error::code of RevertFault for an id without a mark

// Asks the keeper to end the fault and waits until it has recorded that; does it itself, from the
// mark, when the keeper is dead or does not answer. A fault that has ended already is reported as
// it ended. Safe to repeat.
Result<RevertReport> RevertFault(const FaultSettings& settings, const std::string& id);

// Every mark that may still be active; by id. A damaged mark has an error of its own among them; an
// error of the whole concerns the marks' folder.
Result<std::map<std::string, Result<RevertReport>>> RevertAllFaults(const FaultSettings& settings);

// Takes back what is still marked active though both of its processes are dead. For a caller that
// comes by regularly, such as the exporter; returns how many it took back.
int RevertOrphans(const FaultSettings& settings);

}  // namespace grayling::probe
