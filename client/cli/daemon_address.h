#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace grayling {

// gRPC's form of the daemon's address: unix:///path, a bare /path, or a TCP address on this
// machine's loopback (the near end of a tunnel). INVALID_ARGUMENT for anything else: plain TCP to
// another machine would be neither secret nor authenticated.
absl::StatusOr<std::string> DaemonAddress(const std::string& text);

}  // namespace grayling
