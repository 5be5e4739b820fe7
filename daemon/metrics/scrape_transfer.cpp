#include "daemon/metrics/scrape_transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/scrape_url.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

constexpr const char* kAccept =
    "Accept: text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

static_assert(CURL_ERROR_SIZE == 256);

constexpr size_t kLongestSecret = 4096;

// One line of a regular file: a pipe would block every scrape, and a file of many lines is no
// secret.
absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  std::error_code ignored;
  std::string text;
  if (std::filesystem::is_regular_file(path, ignored)) {
    text.resize(kLongestSecret + 1);
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
  }
  absl::StripTrailingAsciiWhitespace(&text);
  const bool is_one_line = std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
  if (!text.empty() && text.size() <= kLongestSecret && is_one_line) return text;
  return absl::FailedPreconditionError(
      absl::StrCat("the secret in ", path,
                   " cannot be read, is empty or is more than one line; check the file"));
}

}  // namespace

void ScrapeTransfer::FreeHandle::operator()(void* handle) const { curl_easy_cleanup(handle); }
void ScrapeTransfer::FreeList::operator()(curl_slist* list) const { curl_slist_free_all(list); }

ScrapeTransfer::ScrapeTransfer(const ScrapeTargetSettings& settings, const std::string& unix_socket)
    : url_(settings.url),
      credentials_(settings.credentials),
      largest_body_(settings.largest_body),
      headers_(curl_slist_append(nullptr, kAccept)),
      handle_(curl_easy_init()) {
  CURL* curl = handle_.get();
  curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
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
  if (!unix_socket.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, unix_socket.c_str());
  }
  SetTls(settings.tls);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
}

ScrapeTransfer::~ScrapeTransfer() = default;

void ScrapeTransfer::SetTls(const ScrapeTls& tls) {
  CURL* curl = handle_.get();
  if (!tls.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.cert_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, tls.cert_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, tls.key_file.c_str());
  }
  if (tls.insecure) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!tls.server_name.empty()) ConnectUnderName(tls.server_name);
}

// libcurl takes the name to check from the url: so the url gets the name, the connection and the
// Host header what the url had.
void ScrapeTransfer::ConnectUnderName(const std::string& server_name) {
  const std::optional<ScrapeUrl> url = ScrapeUrl::Parse(url_);
  if (!url.has_value()) return;
  const std::string place = absl::StrCat(url->host(), ":", url->port());
  connect_to_.reset(curl_slist_append(nullptr, absl::StrCat("::", place).c_str()));
  curl_easy_setopt(handle_.get(), CURLOPT_CONNECT_TO, connect_to_.get());
  curl_easy_setopt(handle_.get(), CURLOPT_URL, url->WithHost(server_name).c_str());
  curl_slist_append(headers_.get(), absl::StrCat("Host: ", place).c_str());
}

absl::Status ScrapeTransfer::Begin() {
  body_.clear();
  too_large_ = false;
  error_[0] = '\0';
  CURL* curl = handle_.get();
  if (!credentials_.username.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string password, ReadSecret(credentials_.password_file));
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, credentials_.username.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, password.c_str());
  } else if (!credentials_.bearer_token_file.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string token, ReadSecret(credentials_.bearer_token_file));
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token.c_str());
  }
  return absl::OkStatus();
}

size_t ScrapeTransfer::Receive(char* bytes, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<ScrapeTransfer*>(self);
  const size_t received = size * count;
  if (transfer->body_.size() + received > transfer->largest_body_) {
    transfer->too_large_ = true;
    return 0;  // libcurl then ends the transfer
  }
  transfer->body_.append(bytes, received);
  return received;
}

absl::Status ScrapeTransfer::Finish(int curl_code) const {
  if (too_large_) {
    return absl::ResourceExhaustedError(
        absl::StrCat(url_, " answered more than ", largest_body_,
                     " bytes; limit what it exports or raise the target's body limit"));
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
      absl::StrCat(url_, " answered ", answer, " instead of 200; check the ",
                   answer == 401 || answer == 403 ? "credentials" : "path"));
}

ExpositionFormat ScrapeTransfer::format() const {
  const char* type = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
  return type != nullptr && absl::StartsWithIgnoreCase(type, "application/openmetrics-text")
             ? ExpositionFormat::kOpenMetrics
             : ExpositionFormat::kPrometheusText;
}

}  // namespace grayling
