#include "client/cli/daemon_address.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace grayling {

absl::StatusOr<std::string> DaemonAddress(const std::string& text) {
  if (absl::StartsWith(text, "unix:")) return text;
  if (absl::StartsWith(text, "/")) return absl::StrCat("unix://", text);
  for (const char* loopback : {"127.0.0.1:", "localhost:", "[::1]:"}) {
    if (absl::StartsWith(text, loopback)) return text;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--daemon '", text,
                   "' is neither a Unix socket nor a loopback address; write unix:///PATH, or "
                   "open a tunnel (ssh -L 127.0.0.1:PORT:SOCKET HOST) and write 127.0.0.1:PORT"));
}

}  // namespace grayling
