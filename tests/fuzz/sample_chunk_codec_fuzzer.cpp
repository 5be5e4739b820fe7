// Any bytes within a frame that is right, as a chunk. Columns that are read must be the same after
// they were written again.

#include <bit>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/metrics/sample_chunk_codec.h"

namespace grayling {
namespace {

// More would be the fuzzer's memory, not the codec's.
constexpr size_t kMostValues = 100'000;

void Check(bool holds) {
  if (!holds) std::abort();
}

std::vector<ChunkColumn> Columns(SampleChunkCodec& codec) {
  std::vector<ChunkColumn> columns;
  size_t values = 0;
  for (size_t i = 0; i < codec.columns(); ++i) {
    values += codec.times_ms(i).size();
    if (values > kMostValues) return {};
    ChunkColumn& column = columns.emplace_back();
    column.series = codec.series(i);
    column.times_ms = codec.times_ms(i);
    Check(codec.ReadValues(i, column.values).ok());
    Check(column.values.size() == column.times_ms.size());
  }
  return columns;
}

void CheckSame(const ChunkColumn& a, const ChunkColumn& b) {
  Check(a.series == b.series && a.times_ms == b.times_ms && a.values.size() == b.values.size());
  for (size_t i = 0; i < a.values.size(); ++i) {
    Check(std::bit_cast<uint64_t>(a.values[i]) == std::bit_cast<uint64_t>(b.values[i]));
  }
}

void CheckChunk(absl::string_view blob) {
  SampleChunkCodec codec;
  if (!codec.Open(blob).ok()) return;
  const std::vector<ChunkColumn> columns = Columns(codec);
  std::string written;
  Check(codec.Encode(columns, written).ok() && codec.Open(written).ok());
  const std::vector<ChunkColumn> again = Columns(codec);
  Check(again.size() == columns.size());
  for (size_t i = 0; i < columns.size(); ++i) CheckSame(columns[i], again[i]);
}

}  // namespace
}  // namespace grayling

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  std::string frame;
  grayling::Check(grayling::ZstdFrame().Compress(input, 1, frame).ok());
  grayling::CheckChunk(frame);
  return 0;
}
