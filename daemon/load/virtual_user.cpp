#include "daemon/load/virtual_user.h"

#include <algorithm>
#include <utility>

namespace grayling {
namespace {

// Enough for an owner or a pet that was just created. Longer answers are read to the end, not kept.
constexpr size_t kKeptBytes = 4096;

std::mt19937_64 RandomOf(uint64_t seed, uint32_t index) {
  std::seed_seq sequence{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), index};
  return std::mt19937_64(sequence);
}

}  // namespace

VirtualUser::VirtualUser(const LoadSettings& settings, std::unique_ptr<LoadBehaviour> behaviour,
                         uint32_t index)
    : settings_(settings),
      index_(index),
      random_(RandomOf(settings.seed, index)),
      think_(settings),
      behaviour_(std::move(behaviour)),
      json_headers_(curl_slist_append(nullptr, "Content-Type: application/json;charset=UTF-8")),
      handle_(curl_easy_init()) {
  CURL* handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &VirtualUser::Receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // The application is measured, not whatever http_proxy names in the environment.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(settings.request_timeout)));
}

CURL* VirtualUser::Prepare() {
  behaviour_->Next(random_, request_);
  url_ = settings_.base_url;
  url_ += request_.path;
  answer_.clear();
  CURL* handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_URL, url_.c_str());
  if (request_.body.empty() && request_.method != HttpMethod::kPost) {
    const bool plain = request_.method == HttpMethod::kGet;
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, plain ? nullptr : MethodName(request_.method));
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    return handle;
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, json_headers_.get());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request_.body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request_.body.c_str());
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, MethodName(request_.method));
  return handle;
}

RequestOutcome VirtualUser::Finish(CURLcode code) {
  RequestOutcome outcome;
  outcome.route = request_.route;
  outcome.error = true;
  if (code == CURLE_OK || code == CURLE_OPERATION_TIMEDOUT) {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_TOTAL_TIME_T, &microseconds);
    outcome.latency = absl::Microseconds(microseconds);
  }
  curl_off_t bytes = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  outcome.response_bytes = static_cast<uint64_t>(bytes);
  if (code != CURLE_OK) return outcome;
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  outcome.error = status != request_.expected_status;
  if (!outcome.error) behaviour_->Answered(answer_);
  if (status == 404) behaviour_->NotFound();
  return outcome;
}

size_t VirtualUser::Receive(char* data, size_t size, size_t count, void* user) {
  std::string& answer = static_cast<VirtualUser*>(user)->answer_;
  const size_t length = size * count;
  answer.append(data, std::min(length, kKeptBytes - std::min(kKeptBytes, answer.size())));
  return length;
}

}  // namespace grayling
