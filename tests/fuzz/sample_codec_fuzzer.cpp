// Blobs of any bytes. One that is taken must say the same after it was written again.

#include <bit>
#include <cstdlib>
#include <string>

#include "daemon/metrics/sample_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  grayling::SampleCodec codec;
  grayling::SampleBatch batch;
  const absl::string_view blob(reinterpret_cast<const char*>(data), size);
  if (!codec.Decode(blob, batch).ok()) return 0;
  if (batch.series.size() != batch.values.size()) std::abort();
  std::string written;
  grayling::SampleBatch again;
  if (!codec.Encode(batch, written).ok() || !codec.Decode(written, again).ok()) std::abort();
  if (again.series != batch.series || again.values.size() != batch.values.size()) std::abort();
  for (size_t i = 0; i < batch.values.size(); ++i) {
    if (std::bit_cast<uint64_t>(batch.values[i]) != std::bit_cast<uint64_t>(again.values[i])) {
      std::abort();
    }
  }
  return 0;
}
