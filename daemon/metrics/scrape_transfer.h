#pragma once

#include <array>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/scrape_target.h"

struct curl_slist;

namespace grayling {

// One GET that is made again and again: libcurl's handle with its settings, and the body's buffer,
// which is reused. The connection is kept alive by the multi handle it is added to. Takes gzip. A
// body above the target's limit, counted after decompression, is refused. Proxies of the
// environment are not used, redirections are not followed: a secret goes to nobody else. Not
// thread-safe; must not move while its handle is in use.
class ScrapeTransfer {
 public:
  // `unix_socket` is where to connect to; "" for the url's host.
  ScrapeTransfer(const ScrapeTargetSettings& settings, const std::string& unix_socket);
  ~ScrapeTransfer();
  ScrapeTransfer(const ScrapeTransfer&) = delete;
  ScrapeTransfer& operator=(const ScrapeTransfer&) = delete;

  // The CURL easy handle. CURLOPT_PRIVATE is the caller's.
  void* handle() const { return handle_.get(); }

  // Before each request: empties the body and reads the secret. FAILED_PRECONDITION with a sentence
  // when its file cannot be read.
  absl::Status Begin();
  // After it, with libcurl's result: OK, or a sentence with the url. 200 and 204 are good answers.
  absl::Status Finish(int curl_code) const;

  absl::string_view body() const { return body_; }
  // By the answer's Content-Type.
  ExpositionFormat format() const;

 private:
  static size_t Receive(char* bytes, size_t size, size_t count, void* self);
  void SetTls(const ScrapeTls& tls);
  void ConnectUnderName(const std::string& server_name);

  struct FreeHandle {
    void operator()(void* handle) const;
  };
  struct FreeList {
    void operator()(curl_slist* list) const;
  };

  const std::string url_;
  const ScrapeCredentials credentials_;
  const size_t largest_body_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> connect_to_;
  std::string body_;
  bool too_large_ = false;
  std::array<char, 256> error_{};             // CURL_ERROR_SIZE
  std::unique_ptr<void, FreeHandle> handle_;  // last: it refers to the members above
};

}  // namespace grayling
