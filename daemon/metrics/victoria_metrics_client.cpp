#include "daemon/metrics/victoria_metrics_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "daemon/metrics/label_block.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

constexpr long kConnectMs = 2'000;
constexpr long kWriteMs = 10'000;
constexpr long kPageMs = 3'000;
constexpr long kLongestSilenceSeconds = 30;  // of an export
constexpr size_t kErrorBytes = 300;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What an answer's bytes go to.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual absl::Status Take(absl::string_view bytes) = 0;

  static size_t Receive(char* data, size_t size, size_t count, void* self) {
    auto& receiver = *static_cast<Receiver*>(self);
    receiver.status = receiver.Take({data, size * count});
    return receiver.status.ok() ? size * count : 0;
  }
  absl::Status status;
};

class WholeText final : public Receiver {
 public:
  explicit WholeText(size_t largest) : largest_(largest) {}
  absl::Status Take(absl::string_view bytes) override {
    text.append(bytes.data(), std::min(bytes.size(), largest_ - text.size()));
    return absl::OkStatus();
  }
  std::string text;

 private:
  const size_t largest_;
};

class Lines final : public Receiver {
 public:
  Lines(CURL* handle, absl::FunctionRef<absl::Status(absl::string_view)> visit)
      : handle_(handle), visit_(visit) {}

  absl::Status Take(absl::string_view bytes) override {
    long code = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &code);
    if (code != 200) {
      if (error.size() < kErrorBytes) error.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    }
    for (size_t end = bytes.find('\n'); end != absl::string_view::npos; end = bytes.find('\n')) {
      const absl::string_view piece = bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      if (begun_.empty()) {
        GRAYLING_RETURN_IF_ERROR(visit_(piece));
        continue;
      }
      begun_.append(piece.data(), piece.size());
      GRAYLING_RETURN_IF_ERROR(visit_(begun_));
      begun_.clear();
    }
    begun_.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }

  bool cut() const { return !begun_.empty(); }
  std::string error;

 private:
  CURL* const handle_;
  const absl::FunctionRef<absl::Status(absl::string_view)> visit_;
  std::string begun_;
};

void Prepare(CURL* handle, const std::string& url, Receiver& receiver) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Receiver::Receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
}

absl::Status StatusOfAnswer(CURL* handle, CURLcode code, const std::string& url,
                            absl::string_view body) {
  if (code != CURLE_OK) {
    return absl::UnavailableError(
        absl::StrCat("VictoriaMetrics at ", url, " does not answer: ", curl_easy_strerror(code)));
  }
  long answer = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer);
  if (answer >= 200 && answer < 300) return absl::OkStatus();
  const std::string text = absl::StrCat("VictoriaMetrics at ", url, " answered ", answer, ": ",
                                        absl::StripAsciiWhitespace(body.substr(0, kErrorBytes)));
  if (answer >= 500 || answer == 429) return absl::UnavailableError(text);
  return absl::InvalidArgumentError(text);
}

void AppendEscapedUrl(absl::string_view text, std::string& out) {
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-') {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
}

// Milliseconds as the seconds of the query API, exactly.
std::string Seconds(int64_t ms) { return absl::StrFormat("%d.%03d", ms / 1000, ms % 1000); }

absl::StatusOr<std::string> CheckedUrl(absl::string_view url) {
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://")) {
    return absl::InvalidArgumentError(
        absl::StrCat("VictoriaMetrics' address '", url,
                     "' is no HTTP address; write one such as http://127.0.0.1:8428"));
  }
  return std::string(absl::StripSuffix(url, "/"));
}

// A character of a label's name in the query language: all but letters, digits, '_', ':' and
// '.' take a backslash, as MetricsQL's identifiers do; bytes of UTF-8 stand for themselves.
void AppendIdentifier(absl::string_view name, std::string& out) {
  for (const char c : name) {
    const bool plain = absl::ascii_isalnum(c) || c == '_' || c == ':' || (c & 0x80) != 0;
    if (!plain) out.push_back('\\');
    out.push_back(c);
  }
}

}  // namespace

absl::StatusOr<std::string> ExportSelectorOf(absl::string_view series) {
  GRAYLING_ASSIGN_OR_RETURN(const SeriesParts parts, PartsOf(series));
  std::string selector = "{__name__=\"";
  AppendEscaped(parts.name, selector);
  for (const Label& label : parts.labels) {
    absl::StrAppend(&selector, "\",");
    AppendIdentifier(label.name, selector);
    absl::StrAppend(&selector, "=\"");
    AppendEscaped(label.value, selector);
  }
  return absl::StrCat(selector, "\"}");
}

absl::StatusOr<VictoriaMetricsAddress> AddressOf(const std::string& write_url,
                                                 const std::string& read_url) {
  VictoriaMetricsAddress address;
  GRAYLING_ASSIGN_OR_RETURN(address.write_url, CheckedUrl(write_url));
  GRAYLING_ASSIGN_OR_RETURN(address.read_url, CheckedUrl(read_url.empty() ? write_url : read_url));
  return address;
}

void VictoriaMetricsClient::CloseHandle::operator()(CURL* handle) const {
  curl_easy_cleanup(handle);
}

VictoriaMetricsClient::VictoriaMetricsClient(VictoriaMetricsAddress address)
    : address_(std::move(address)) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // counted by libcurl
  writer_.reset(curl_easy_init());
}

VictoriaMetricsClient::~VictoriaMetricsClient() {
  writer_.reset();
  curl_global_cleanup();
}

absl::Status VictoriaMetricsClient::Write(absl::string_view body) {
  CURL* const handle = writer_.get();
  if (handle == nullptr) return absl::UnavailableError("libcurl has no handle to give");
  WholeText answer(kErrorBytes);
  Prepare(handle, absl::StrCat(address_.write_url, "/api/v1/write"), answer);
  std::unique_ptr<curl_slist, FreeList> headers;
  for (const char* header :
       {"Content-Encoding: snappy", "Content-Type: application/x-protobuf",
        "Expect:", "X-Prometheus-Remote-Write-Version: 0.1.0", "User-Agent: graylingd"}) {
    if (curl_slist* longer = curl_slist_append(headers.get(), header)) {
      headers.release();
      headers.reset(longer);
    }
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, kWriteMs);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  const CURLcode code = curl_easy_perform(handle);
  const absl::Status status = StatusOfAnswer(handle, code, address_.write_url, answer.text);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
  return status;
}

absl::Status VictoriaMetricsClient::Export(
    const std::vector<std::string>& selectors, int64_t from_ms, int64_t to_ms,
    absl::FunctionRef<absl::Status(absl::string_view)> visit) {
  const Handle handle(curl_easy_init());
  if (handle == nullptr) return absl::UnavailableError("libcurl has no handle to give");
  std::string form = absl::StrCat("start=", Seconds(from_ms), "&end=", Seconds(to_ms));
  for (const std::string& selector : selectors) {
    absl::StrAppend(&form, "&match%5B%5D=");
    AppendEscapedUrl(selector, form);
  }
  Lines lines(handle.get(), visit);
  Prepare(handle.get(), absl::StrCat(address_.read_url, "/api/v1/export"), lines);
  curl_easy_setopt(handle.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_LOW_SPEED_TIME, kLongestSilenceSeconds);
  curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(form.size()));
  curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, form.data());
  const CURLcode code = curl_easy_perform(handle.get());
  GRAYLING_RETURN_IF_ERROR(lines.status);
  GRAYLING_RETURN_IF_ERROR(StatusOfAnswer(handle.get(), code, address_.read_url, lines.error));
  if (!lines.cut()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("VictoriaMetrics at ", address_.read_url,
                                             " ended an export in the middle of a line"));
}

std::optional<std::string> VictoriaMetricsClient::Page(absl::string_view path) {
  const Handle handle(curl_easy_init());
  if (handle == nullptr) return std::nullopt;
  WholeText answer(4 << 20);
  Prepare(handle.get(), absl::StrCat(address_.write_url, path), answer);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, kPageMs);
  const CURLcode code = curl_easy_perform(handle.get());
  if (!StatusOfAnswer(handle.get(), code, address_.write_url, "").ok()) return std::nullopt;
  return std::move(answer.text);
}

std::optional<int64_t> VictoriaMetricsClient::StartedAt() {
  const std::optional<std::string> page = Page("/metrics");
  if (!page.has_value()) return std::nullopt;
  for (absl::string_view line : absl::StrSplit(*page, '\n')) {
    int64_t seconds = 0;
    if (absl::ConsumePrefix(&line, "vm_app_start_timestamp ") && absl::SimpleAtoi(line, &seconds)) {
      return seconds;
    }
  }
  return std::nullopt;
}

std::optional<std::string> VictoriaMetricsClient::Flag(absl::string_view name) {
  const std::optional<std::string> page = Page("/flags");
  if (!page.has_value()) return std::nullopt;
  for (absl::string_view line : absl::StrSplit(*page, '\n')) {
    if (!absl::ConsumePrefix(&line, absl::StrCat("-", name, "="))) continue;
    absl::ConsumePrefix(&line, "\"");
    absl::ConsumeSuffix(&line, "\"");
    return std::string(line);
  }
  return std::nullopt;
}

}  // namespace grayling
