#include "client/cli/wait_for_operation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "client/cli/progress_line.h"
#include "grayling/v1/operation.grpc.pb.h"

namespace grayling {
namespace {

// The step of the operation is read again this often.
constexpr absl::Duration kRound = absl::Seconds(1);

}  // namespace

absl::Status WaitForOperation(Session& session, const v1::Operation& operation,
                              absl::Duration timeout) {
  const absl::Time give_up = absl::Now() + timeout;
  v1::Operation current = operation;
  {
    ProgressLine progress(session.err(), session.err_is_terminal());
    while (!current.done()) {
      progress.SetText(absl::StrCat(current.target(), ": ", current.step()));
      const absl::Duration left = give_up - absl::Now();
      if (left <= absl::ZeroDuration()) {
        return absl::DeadlineExceededError(
            absl::StrCat(current.name(), " is not done after ", absl::FormatDuration(timeout),
                         "; it goes on: grayling operation wait ", current.name()));
      }
      v1::WaitOperationRequest request;
      request.set_name(current.name());
      const int64_t round_ms = absl::ToInt64Milliseconds(std::min(left, kRound));
      request.mutable_timeout()->set_seconds(round_ms / 1000);
      request.mutable_timeout()->set_nanos(static_cast<int32_t>(round_ms % 1000) * 1'000'000);
      GRAYLING_ASSIGN_OR_RETURN(
          current,
          Call<v1::OperationService>(session, &v1::OperationService::Stub::WaitOperation, request));
    }
  }
  if (current.error_code() != 0) {
    return absl::Status(static_cast<absl::StatusCode>(current.error_code()),
                        current.error_message());
  }
  session.Print(current, TableOf(current));
  return absl::OkStatus();
}

}  // namespace grayling
