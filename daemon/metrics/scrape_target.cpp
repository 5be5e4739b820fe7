#include "daemon/metrics/scrape_target.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

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
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  const bool http =
      absl::StartsWithIgnoreCase(text, "http://") || absl::StartsWithIgnoreCase(text, "https://");
  if (http && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK) {
    return absl::OkStatus();
  }
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

}  // namespace

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
  return absl::OkStatus();
}

}  // namespace grayling
