#include "daemon/campaign/grafana_client.h"

#include <curl/curl.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using nlohmann::json;

constexpr size_t kLargestAnswer = 1 << 20;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, ListDeleter>;

size_t Collect(char* data, size_t size, size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kLargestAnswer) return 0;
  text.append(data, size * count);
  return size * count;
}

CurlList WithHeader(CurlList list, const std::string& header) {
  curl_slist* longer = curl_slist_append(list.get(), header.c_str());
  if (longer == nullptr) return list;
  list.release();
  return CurlList(longer);
}

absl::Status StatusOfCode(long code, const std::string& what, const std::string& body) {
  if (code >= 200 && code < 300) return absl::OkStatus();
  const std::string text =
      absl::StrCat("Grafana answered ", code, " to ", what, ": ", body.substr(0, 200));
  if (code == 401 || code == 403) {
    return absl::PermissionDeniedError(absl::StrCat(text, "; check the token"));
  }
  if (code == 404) return absl::NotFoundError(text);
  if (code == 429 || code >= 500) return absl::UnavailableError(text);
  return absl::InvalidArgumentError(text);
}

absl::StatusOr<int64_t> IdIn(const json& answer) {
  if (answer.is_object() && answer.contains("id") && answer["id"].is_number_integer()) {
    return answer["id"].get<int64_t>();
  }
  return absl::InvalidArgumentError("Grafana's answer has no id; is this Grafana's address?");
}

}  // namespace

GrafanaClient::GrafanaClient(std::string url, std::string token, absl::Duration timeout)
    : url_(std::move(url)), token_(std::move(token)), timeout_(timeout) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // counted by libcurl
}

GrafanaClient::~GrafanaClient() { curl_global_cleanup(); }

absl::StatusOr<std::string> GrafanaClient::Send(const std::string& method, const std::string& path,
                                                const std::string& body) {
  const std::unique_ptr<CURL, EasyDeleter> curl(curl_easy_init());
  if (curl == nullptr) return absl::UnavailableError("libcurl has no handle to give");
  const std::string address = absl::StrCat(url_, path);
  CurlList headers;
  headers = WithHeader(std::move(headers), "Content-Type: application/json");
  headers = WithHeader(std::move(headers), "Accept: application/json");
  if (!token_.empty()) {
    headers = WithHeader(std::move(headers), absl::StrCat("Authorization: Bearer ", token_));
  }
  std::string answer;
  CURL* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, address.c_str());
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  if (method != "GET") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ / absl::Milliseconds(1)));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  const CURLcode sent = curl_easy_perform(handle);
  if (sent != CURLE_OK) {
    return absl::UnavailableError(
        absl::StrCat("Grafana at ", url_, " does not answer: ", curl_easy_strerror(sent)));
  }
  long code = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
  GRAYLING_RETURN_IF_ERROR(StatusOfCode(code, absl::StrCat(method, " ", path), answer));
  return answer;
}

absl::StatusOr<int64_t> GrafanaClient::Create(const Annotation& annotation) {
  json body = {{"time", absl::ToUnixMillis(annotation.start)},
               {"tags", annotation.tags},
               {"text", annotation.text}};
  if (annotation.end != absl::InfiniteFuture())
    body["timeEnd"] = absl::ToUnixMillis(annotation.end);
  GRAYLING_ASSIGN_OR_RETURN(
      const std::string answer,
      Send("POST", "/api/annotations", body.dump(-1, ' ', false, json::error_handler_t::replace)));
  return IdIn(json::parse(answer, nullptr, /*allow_exceptions=*/false));
}

absl::Status GrafanaClient::End(int64_t id, absl::Time end) {
  return Send("PATCH", absl::StrCat("/api/annotations/", id),
              json({{"timeEnd", absl::ToUnixMillis(end)}}).dump())
      .status();
}

absl::StatusOr<int64_t> GrafanaClient::Find(const std::string& tag) {
  std::unique_ptr<char, decltype(&curl_free)> escaped(
      curl_easy_escape(nullptr, tag.c_str(), static_cast<int>(tag.size())), &curl_free);
  if (escaped == nullptr) return absl::UnavailableError("libcurl cannot escape a tag");
  GRAYLING_ASSIGN_OR_RETURN(
      const std::string answer,
      Send("GET", absl::StrCat("/api/annotations?type=annotation&limit=1&tags=", escaped.get()),
           ""));
  const json found = json::parse(answer, nullptr, /*allow_exceptions=*/false);
  if (!found.is_array()) {
    return absl::InvalidArgumentError("Grafana's answer is no list; is this Grafana's address?");
  }
  if (found.empty()) return absl::NotFoundError(absl::StrCat("no annotation has the tag ", tag));
  return IdIn(found.front());
}

}  // namespace grayling
