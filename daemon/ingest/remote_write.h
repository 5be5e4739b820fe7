#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "daemon/ingest/sample_intake.h"
#include "daemon/ingest/series_keys.h"

namespace grayling {

struct RemoteWriteLimits {
  size_t body_bytes = 8 << 20;      // as sent
  size_t message_bytes = 32 << 20;  // decompressed
};

// The request's headers that say what its body is; "" for one that was not sent.
struct RemoteWriteHeaders {
  std::string content_type;
  std::string content_encoding;
  std::string version;  // X-Prometheus-Remote-Write-Version
};

struct HttpAnswer {
  int status = 204;
  std::string sentence;  // empty with 204
};

// The receiver of Prometheus's remote write 1.0, without the HTTP around it. Thread-safe.
class RemoteWrite {
 public:
  // `intake` must outlive it.
  explicit RemoteWrite(SampleIntake& intake, RemoteWriteLimits limits = RemoteWriteLimits());

  // Whether a body under these headers can be read at all: 204, or 415 with why not.
  static HttpAnswer Check(const RemoteWriteHeaders& headers);

  // Takes a snappy-compressed request. Blocks until its samples are on disk: 204. Of a request
  // that is refused nothing is kept: 400 (wrong for ever; a sender does not repeat it), 503 or 500
  // (the store refuses now; a sender repeats it). `sender` becomes the batches' target.
  HttpAnswer Take(absl::string_view body, const std::string& sender);

  const RemoteWriteLimits& limits() const { return limits_; }

 private:
  // The buffers of one request, used again by later ones.
  struct Workspace {
    std::string message;
    SampleBatch batch;
  };
  class Lease;

  SampleIntake& intake_;
  const RemoteWriteLimits limits_;
  SeriesKeys keys_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
