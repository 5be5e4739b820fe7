#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grayling {

// JMeter takes orders as single UDP packets on a port of loopback (jmeterengine.nongui.port).

// A port that is free now. Another program may take it before JMeter does: then orders are lost,
// and a signal ends JMeter.
absl::StatusOr<uint16_t> FreeStopPort();

// "Shutdown" ends after the samples in flight, "StopTestNow" at once. Nothing tells whether it
// came.
void SendStopCommand(uint16_t port, absl::string_view command);

}  // namespace grayling
