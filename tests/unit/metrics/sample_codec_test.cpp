#include "daemon/metrics/sample_codec.h"

#include <rapidcheck.h>

#include <bit>
#include <limits>

#include "gtest/gtest.h"

namespace grayling {
namespace {

TEST(SampleCodec, GivesBackEveryIdAndEveryBitOfEveryValue) {
  SampleCodec codec;
  EXPECT_TRUE(rc::check([&](const std::vector<std::pair<uint32_t, uint64_t>>& samples) {
    SampleBatch batch;
    for (const auto& [id, bits] : samples) {
      batch.series.push_back(id);
      batch.values.push_back(std::bit_cast<double>(bits));
    }
    std::string blob;
    SampleBatch decoded;
    RC_ASSERT(codec.Encode(batch, blob).ok());
    RC_ASSERT(codec.Decode(blob, decoded).ok());
    RC_ASSERT(decoded.series == batch.series);
    RC_ASSERT(decoded.values.size() == batch.values.size());
    for (size_t i = 0; i < samples.size(); ++i) {
      RC_ASSERT(std::bit_cast<uint64_t>(decoded.values[i]) == samples[i].second);
    }
  }));
}

TEST(SampleCodec, TakesTheOuterIds) {
  SampleBatch batch;
  batch.series = {std::numeric_limits<uint32_t>::max(), 0, std::numeric_limits<uint32_t>::max()};
  batch.values = {1, 2, 3};
  SampleCodec codec;
  std::string blob;
  SampleBatch decoded;
  ASSERT_TRUE(codec.Encode(batch, blob).ok());
  ASSERT_TRUE(codec.Decode(blob, decoded).ok());
  EXPECT_EQ(decoded.series, batch.series);
}

TEST(SampleCodec, CallsADamagedBlobDataLoss) {
  SampleBatch batch;
  for (uint32_t id = 0; id < 100; ++id) {
    batch.series.push_back(id);
    batch.values.push_back(id * 0.37);
  }
  SampleCodec codec;
  std::string blob;
  ASSERT_TRUE(codec.Encode(batch, blob).ok());
  SampleBatch decoded;
  EXPECT_EQ(codec.Decode("", decoded).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(codec.Decode("not zstd at all", decoded).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(codec.Decode(absl::string_view(blob).substr(0, blob.size() / 2), decoded).code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace grayling
