#include "daemon/metrics/sample_chunk_codec.h"

#include <rapidcheck.h>

#include <bit>
#include <cmath>

#include "gtest/gtest.h"

namespace grayling {
namespace {

// The columns of a chunk, values as bits.
using Columns = std::vector<std::tuple<SeriesId, std::vector<int64_t>, std::vector<uint64_t>>>;

Columns Decoded(absl::string_view blob) {
  SampleChunkCodec codec;
  const absl::Status status = codec.Open(blob);
  EXPECT_TRUE(status.ok()) << status;
  Columns columns;
  std::vector<double> values;
  for (size_t i = 0; i < codec.columns(); ++i) {
    EXPECT_TRUE(codec.ReadValues(i, values).ok());
    std::vector<uint64_t> bits;
    for (const double value : values) bits.push_back(std::bit_cast<uint64_t>(value));
    columns.emplace_back(codec.series(i), codec.times_ms(i), std::move(bits));
  }
  return columns;
}

TEST(SampleChunkCodec, GivesBackEveryInstantAndEveryBit) {
  EXPECT_TRUE(rc::check([] {
    std::vector<ChunkColumn> chunk;
    Columns expected;
    SeriesId series = 0;
    const int columns = *rc::gen::inRange(1, 6);
    for (int c = 0; c < columns; ++c) {
      series += static_cast<SeriesId>(*rc::gen::inRange(1, 9));
      ChunkColumn column{series};
      const int kind = *rc::gen::inRange(0, 4);
      int64_t time_ms = *rc::gen::element(int64_t{0}, int64_t{-5}, INT64_MIN, INT64_MAX - 3000);
      std::vector<uint64_t> bits;
      const int count = *rc::gen::inRange(1, 40);
      for (int i = 0; i < count; ++i) {
        column.times_ms.push_back(time_ms);
        time_ms += *rc::gen::inRange(1, 70);
        const double decimal = *rc::gen::inRange(-100000, 100000) / std::pow(10.0, kind);
        bits.push_back(kind == 3 ? *rc::gen::arbitrary<uint64_t>()
                                 : std::bit_cast<uint64_t>(decimal));
        column.values.push_back(std::bit_cast<double>(bits.back()));
      }
      expected.emplace_back(series, column.times_ms, bits);
      chunk.push_back(std::move(column));
    }
    SampleChunkCodec codec;
    std::string blob;
    RC_ASSERT(codec.Encode(chunk, blob).ok());
    RC_ASSERT(Decoded(blob) == expected);
  }));
}

// Counters, gauges of two digits and constants, as a scrape has them.
std::string ScrapedChunk() {
  std::vector<ChunkColumn> chunk;
  for (SeriesId series = 0; series < 64; ++series) {
    ChunkColumn column{series};
    for (int i = 0; i < 120; ++i) {
      column.times_ms.push_back(1'700'000'000'000 + 15'000 * i);
      column.values.push_back(series % 3 == 0   ? 5.0
                              : series % 3 == 1 ? 1000.0 * i + (i * series) % 7
                                                : std::round(100 * std::sin(i)) / 100);
    }
    chunk.push_back(std::move(column));
  }
  SampleChunkCodec codec;
  std::string blob;
  EXPECT_TRUE(codec.Encode(chunk, blob).ok());
  return blob;
}

TEST(SampleChunkCodec, NeedsLessThanAByteForASampleOfAnOrderlyScrape) {
  EXPECT_LT(ScrapedChunk().size(), 64u * 120u);
}

TEST(SampleChunkCodec, CallsEveryFlippedBitDataLoss) {
  const std::string blob = ScrapedChunk();
  SampleChunkCodec codec;
  for (size_t at = 0; at < blob.size(); ++at) {
    std::string damaged = blob;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    // A few bits of a zstd frame's head say nothing about the content.
    const absl::Status status = codec.Open(damaged);
    if (status.ok()) {
      EXPECT_EQ(Decoded(damaged), Decoded(blob)) << at;
    } else {
      EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    }
  }
  EXPECT_TRUE(absl::IsDataLoss(codec.Open("")));
  EXPECT_TRUE(absl::IsDataLoss(codec.Open(absl::string_view(blob).substr(0, blob.size() / 2))));
}

}  // namespace
}  // namespace grayling
