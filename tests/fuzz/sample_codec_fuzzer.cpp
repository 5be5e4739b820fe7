// Blobs of any bytes, and any bytes within a frame that is right. A blob that is taken must say the
// same after it was written again.

#include <bit>
#include <cstdlib>
#include <string>

#include "daemon/metrics/sample_codec.h"

namespace grayling {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckBlob(absl::string_view blob) {
  SampleCodec codec;
  SampleBatch batch;
  if (!codec.Decode(blob, batch).ok()) return;
  Check(batch.series.size() == batch.values.size());
  std::string written;
  SampleBatch again;
  Check(codec.Encode(batch, written).ok() && codec.Decode(written, again).ok());
  Check(again.time_ms == batch.time_ms && again.series == batch.series);
  Check(again.times_ms == batch.times_ms && again.values.size() == batch.values.size());
  for (size_t i = 0; i < batch.values.size(); ++i) {
    Check(std::bit_cast<uint64_t>(batch.values[i]) == std::bit_cast<uint64_t>(again.values[i]));
  }
}

}  // namespace
}  // namespace grayling

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  grayling::CheckBlob(input);
  std::string frame;
  grayling::Check(grayling::ZstdFrame().Compress(input, 1, frame).ok());
  grayling::CheckBlob(frame);
  return 0;
}
