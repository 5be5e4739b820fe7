#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/session.h"
#include "grayling/v1/operation.pb.h"

namespace grayling {

// Waits until the operation is done, with a progress line, and prints it. Its failure is the error.
// DEADLINE_EXCEEDED when it is not done after `timeout`: it goes on in the daemon.
absl::Status WaitForOperation(Session& session, const v1::Operation& operation,
                              absl::Duration timeout);

}  // namespace grayling
