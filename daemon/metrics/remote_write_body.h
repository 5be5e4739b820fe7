#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Writes the body of a remote-write 1.0 request
// (https://prometheus.io/docs/specs/prw/remote_write_spec/): a WriteRequest as protobuf, one
// TimeSeries per series with its samples in time order, labels sorted by name, in one snappy block.
// Of samples of one series and one instant the last one given goes out. Keeps the encoded labels of
// up to 200,000 series and its buffers. Not thread-safe; one per thread.
class RemoteWriteBody {
 public:
  using TextOf = absl::FunctionRef<absl::StatusOr<std::string>(SeriesId)>;

  // The columns have equal lengths. The view lives until the next call. INVALID_ARGUMENT when a
  // series' text is no series.
  absl::StatusOr<absl::string_view> Encode(absl::Span<const SeriesId> series,
                                           absl::Span<const int64_t> times_ms,
                                           absl::Span<const double> values, TextOf text_of);

  // Of the last body, before compression.
  size_t plain_bytes() const { return plain_.size(); }

 private:
  absl::StatusOr<const std::string*> LabelsOf(SeriesId id, TextOf text_of);

  absl::flat_hash_map<SeriesId, std::string> labels_;  // encoded
  std::vector<uint32_t> order_;
  std::string samples_;  // of one series, encoded
  std::string plain_;
  std::string packed_;
};

}  // namespace grayling
