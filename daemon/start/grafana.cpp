#include "daemon/start/steps.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

// Never on the command line, where everybody could read it.
absl::StatusOr<std::string> GrafanaToken(const Settings& settings) {
  if (settings.grafana_token_file.empty()) {
    const char* token = std::getenv("GRAYLING_GRAFANA_TOKEN");
    return std::string(token == nullptr ? "" : token);
  }
  std::ifstream file(settings.grafana_token_file);
  std::string token;
  if (!std::getline(file, token) || token.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "--grafana-token-file ", settings.grafana_token_file, " cannot be read or is empty"));
  }
  return std::string(absl::StripAsciiWhitespace(token));
}

}  // namespace

absl::Status ReachGrafana(const Settings& settings, Rooms& rooms) {
  if (settings.grafana_url.empty()) return absl::OkStatus();
  if (!absl::StartsWith(settings.grafana_url, "http://") &&
      !absl::StartsWith(settings.grafana_url, "https://")) {
    return absl::InvalidArgumentError(absl::StrCat("--grafana-url ", settings.grafana_url,
                                                   " is no HTTP address; write "
                                                   "http://127.0.0.1:3000"));
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::string token, GrafanaToken(settings));
  rooms.grafana = std::make_unique<GrafanaClient>(
      std::string(absl::StripSuffix(settings.grafana_url, "/")), token, absl::Seconds(5));
  rooms.annotations = std::make_unique<GrafanaAnnotations>(*rooms.grafana, rooms.clock);
  return absl::OkStatus();
}

}  // namespace grayling
