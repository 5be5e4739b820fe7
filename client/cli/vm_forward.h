#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"

namespace grayling {

// http://127.0.0.1:PORT of the host port that the VM forwards to `guest_port`. NOT_FOUND when it
// forwards none.
absl::StatusOr<std::string> ForwardedUrl(Session& session, const std::string& vm,
                                         uint32_t guest_port);

}  // namespace grayling
