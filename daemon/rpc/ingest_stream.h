#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/ingest/sample_intake.h"
#include "daemon/ingest/series_keys.h"
#include "grayling/v1/metric.pb.h"

namespace grayling {

// The canonical text of a series that a client wrote in Prometheus's notation, labels in any order.
// INVALID_ARGUMENT. Pure.
absl::StatusOr<std::string> SeriesOfText(absl::string_view text);

// Fills `batch` (all but its target) from one message. INVALID_ARGUMENT names the series that is
// wrong; other errors are the store's.
absl::Status ReadIngestRequest(const v1::IngestSamplesRequest& request, SeriesKeys& keys,
                               SampleBatch& batch);

// One IngestSamples call. Reads on while up to 200,000 of its samples wait for the disk, and
// acknowledges what a commit made durable; no thread is held. Deletes itself when gRPC is done.
class IngestStream final
    : public grpc::ServerBidiReactor<v1::IngestSamplesRequest, v1::IngestSamplesResponse> {
 public:
  // `keys` are made with SeriesOfText. Both must outlive the server.
  IngestStream(SampleIntake& intake, SeriesKeys& keys);

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

  absl::Status Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnCommit(uint64_t taken, const absl::Status& status);
  // Starts whatever can be started now. True when the call is to be finished with `error_`: by the
  // caller, without the lock, as its last act, for the stream may be deleted under it.
  [[nodiscard]] bool Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Changes the state under the lock, and goes on from there.
  void Proceed(absl::FunctionRef<void()> change);

  SampleIntake& intake_;
  SeriesKeys& keys_;
  absl::Mutex mutex_;
  v1::IngestSamplesRequest request_ ABSL_GUARDED_BY(mutex_);
  v1::IngestSamplesResponse response_ ABSL_GUARDED_BY(mutex_);
  SampleBatch batch_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  // Samples of this stream: appended, on disk, told to the client.
  uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t durable_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t told_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_committing_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_ended_ ABSL_GUARDED_BY(mutex_) = false;  // nothing more is read
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace grayling
