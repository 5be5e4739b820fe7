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
// body above 16 MiB, counted after decompression, is refused. Proxies of the environment are not
// used. Not thread-safe; must not move while its handle is in use.
class ScrapeTransfer {
 public:
  explicit ScrapeTransfer(const ScrapeTargetSettings& settings);
  ~ScrapeTransfer();
  ScrapeTransfer(const ScrapeTransfer&) = delete;
  ScrapeTransfer& operator=(const ScrapeTransfer&) = delete;

  // The CURL easy handle.
  void* handle() const { return handle_.get(); }

  // Before each request: empties the body.
  void Begin();
  // After it, with libcurl's result: OK, or a sentence with the url. 200 and 204 are good answers.
  absl::Status Finish(int curl_code) const;

  absl::string_view body() const { return body_; }
  // By the answer's Content-Type.
  ExpositionFormat format() const;

 private:
  static size_t Receive(char* bytes, size_t size, size_t count, void* self);

  struct FreeHandle {
    void operator()(void* handle) const;
  };
  struct FreeHeaders {
    void operator()(curl_slist* headers) const;
  };

  const std::string url_;
  std::unique_ptr<curl_slist, FreeHeaders> headers_;
  std::string body_;
  bool too_large_ = false;
  std::array<char, 256> error_{};             // CURL_ERROR_SIZE
  std::unique_ptr<void, FreeHandle> handle_;  // last: it refers to the members above
};

}  // namespace grayling
