#include "daemon/metrics/scrape_transfer.h"

#include <curl/curl.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

constexpr size_t kLargestBody = size_t{16} << 20;
constexpr const char* kAccept =
    "Accept: text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

static_assert(CURL_ERROR_SIZE == 256);

}  // namespace

void ScrapeTransfer::FreeHandle::operator()(void* handle) const { curl_easy_cleanup(handle); }
void ScrapeTransfer::FreeHeaders::operator()(curl_slist* headers) const {
  curl_slist_free_all(headers);
}

ScrapeTransfer::ScrapeTransfer(const ScrapeTargetSettings& settings)
    : url_(settings.url), headers_(curl_slist_append(nullptr, kAccept)), handle_(curl_easy_init()) {
  CURL* curl = handle_.get();
  curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "grayling");
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(settings.timeout)));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &ScrapeTransfer::Receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
}

ScrapeTransfer::~ScrapeTransfer() = default;

void ScrapeTransfer::Begin() {
  body_.clear();
  too_large_ = false;
  error_[0] = '\0';
}

size_t ScrapeTransfer::Receive(char* bytes, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<ScrapeTransfer*>(self);
  const size_t received = size * count;
  if (transfer->body_.size() + received > kLargestBody) {
    transfer->too_large_ = true;
    return 0;  // libcurl then ends the transfer
  }
  transfer->body_.append(bytes, received);
  return received;
}

absl::Status ScrapeTransfer::Finish(int curl_code) const {
  if (too_large_) {
    return absl::ResourceExhaustedError(
        absl::StrCat(url_, " answered more than 16 MiB; limit what it exports"));
  }
  if (curl_code != CURLE_OK) {
    const char* detail =
        error_[0] != '\0' ? error_.data() : curl_easy_strerror(static_cast<CURLcode>(curl_code));
    return absl::UnavailableError(absl::StrCat("cannot read ", url_, ": ", ValidUtf8(detail)));
  }
  long answer = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &answer);
  if (answer == 200 || answer == 204) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(url_, " answered ", answer, " instead of 200; check the path"));
}

ExpositionFormat ScrapeTransfer::format() const {
  const char* type = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
  return type != nullptr && absl::StartsWithIgnoreCase(type, "application/openmetrics-text")
             ? ExpositionFormat::kOpenMetrics
             : ExpositionFormat::kPrometheusText;
}

}  // namespace grayling
