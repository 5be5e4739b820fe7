#include "daemon/metrics/scrape_target.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "daemon/metrics/scrape_url.h"
#include "daemon/metrics/series_rewriter.h"

namespace grayling {
namespace {

constexpr size_t kLongestId = 63;

absl::Status CheckName(absl::string_view name) {
  absl::string_view id = name;
  bool good = absl::ConsumePrefix(&id, "scrapeTargets/") && !id.empty() && id.size() <= kLongestId;
  for (const char c : id) {
    good = good && (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.');
  }
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the scrape target's name '", name,
                                                 "' is not scrapeTargets/ID with an ID of 1 to ",
                                                 kLongestId, " letters, digits, '.', '_' or '-'"));
}

absl::Status CheckUrl(const std::string& text) {
  const bool http =
      absl::StartsWithIgnoreCase(text, "http://") || absl::StartsWithIgnoreCase(text, "https://");
  const std::optional<ScrapeUrl> url = http ? ScrapeUrl::Parse(text) : std::nullopt;
  if (url.has_value() && url->has_user()) {
    return absl::InvalidArgumentError(
        "the url holds a user or a password, which everybody could read; put the password into a "
        "file and use the credentials");
  }
  if (url.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", text, "' is no url to scrape; write it like http://127.0.0.1:9100/metrics"));
}

absl::Status CheckLabel(absl::string_view name) {
  bool good = !name.empty() && !absl::ascii_isdigit(name.front()) && !absl::StartsWith(name, "__");
  for (const char c : name) good = good && (absl::ascii_isalnum(c) || c == '_');
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name, "' is no label name; use letters, digits and '_', no digit and no '__' in front"));
}

absl::Status CheckCredentials(const ScrapeTargetSettings& settings) {
  const ScrapeCredentials& who = settings.credentials;
  const ScrapeTls& tls = settings.tls;
  if (who.username.empty() != who.password_file.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings.name,
                     " has only one of username and password_file; basic authentication is both"));
  }
  if (!who.username.empty() && !who.bearer_token_file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        settings.name, " has a password and a bearer token; a request carries one of them"));
  }
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        settings.name, " has only one of cert_file and key_file; a certificate needs both"));
  }
  return absl::OkStatus();
}

absl::Status CheckWay(const ScrapeTargetSettings& settings) {
  if (!settings.unix_socket.empty() && !settings.ssh_host.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings.name, " has a unix socket and an ssh host; choose one of them"));
  }
  bool good = !absl::StartsWith(settings.ssh_host, "-");
  for (const char c : settings.ssh_host) good = good && absl::ascii_isgraph(c);
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", settings.ssh_host, "' is no host for ssh; write it like root@guest-1"));
  }
  if (settings.largest_body == 0 || settings.largest_body > kGreatestLargestBody) {
    return absl::InvalidArgumentError(
        absl::StrCat("the body limit of ", settings.name, " is ", settings.largest_body,
                     " bytes; it must be within 1 and ", kGreatestLargestBody));
  }
  return absl::OkStatus();
}

}  // namespace

std::string EndpointOf(const ScrapeTargetSettings& settings) {
  if (!settings.unix_socket.empty()) return absl::StrCat("unix:", settings.unix_socket);
  const std::optional<ScrapeUrl> url = ScrapeUrl::Parse(settings.url);
  if (!url.has_value()) return settings.url;
  std::string host = absl::AsciiStrToLower(url->host());
  if (host == "localhost" || host == "[::1]") host = "127.0.0.1";
  return absl::StrCat(settings.ssh_host, settings.ssh_host.empty() ? "" : "!", host, ":",
                      url->port());
}

absl::Status ValidateScrapeTarget(const ScrapeTargetSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(CheckName(settings.name));
  GRAYLING_RETURN_IF_ERROR(CheckUrl(settings.url));
  if (settings.period < kShortestScrapePeriod || settings.period > kLongestScrapePeriod) {
    return absl::InvalidArgumentError(absl::StrCat("the period of ", settings.name, " is ",
                                                   absl::FormatDuration(settings.period),
                                                   "; it must be within 200ms and 24h"));
  }
  if (settings.timeout < kShortestScrapeTimeout || settings.timeout > settings.period) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the timeout of ", settings.name, " is ", absl::FormatDuration(settings.timeout),
        "; it must be at least 1ms and at most the period, ",
        absl::FormatDuration(settings.period)));
  }
  for (const auto& [label, value] : settings.labels) {
    GRAYLING_RETURN_IF_ERROR(CheckLabel(label));
  }
  GRAYLING_RETURN_IF_ERROR(CheckCredentials(settings));
  GRAYLING_RETURN_IF_ERROR(CheckWay(settings));
  GRAYLING_RETURN_IF_ERROR(SeriesRewriter::Of({{}, false, settings.relabel}).status());
  return absl::OkStatus();
}

}  // namespace grayling
