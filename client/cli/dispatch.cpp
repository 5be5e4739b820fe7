#include "client/cli/dispatch.h"

#include "absl/strings/str_cat.h"

namespace grayling {

absl::Status StatusOf(const grpc::Status& status, const std::string& address,
                      absl::Duration deadline) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  // Every error of the daemon carries a detail; an error of the transport carries none.
  const bool from_daemon = !status.error_details().empty();
  if (!from_daemon && code == absl::StatusCode::kUnavailable) {
    return absl::UnavailableError(
        absl::StrCat("cannot reach graylingd at ", address,
                     "; is it running? start it with graylingd, or name another address with "
                     "--daemon or GRAYLING_DAEMON"));
  }
  if (!from_daemon && code == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(absl::StrCat(
        "graylingd at ", address, " did not answer within ", absl::FormatDuration(deadline)));
  }
  if (!from_daemon && code == absl::StatusCode::kUnimplemented) {
    return absl::UnimplementedError(
        absl::StrCat("graylingd at ", address, " does not offer this; is it an older version?"));
  }
  return absl::Status(code, status.error_message());
}

}  // namespace grayling
