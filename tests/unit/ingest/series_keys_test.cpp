#include "daemon/ingest/series_keys.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

absl::StatusOr<std::string> Upper(absl::string_view key) {
  if (key == "bad") return absl::InvalidArgumentError("bad");
  return absl::StrCat("canonical_", key);
}

TEST(SeriesKeysTest, AsksTheStoreOncePerKey) {
  MemorySampleStore store;
  SeriesKeys keys(store, &Upper);
  const SeriesId first = *keys.IdOf("a");
  EXPECT_EQ(*keys.IdOf("a"), first);
  EXPECT_EQ(store.interned(), 1u);
  EXPECT_EQ(*store.Text(first), "canonical_a");
}

TEST(SeriesKeysTest, AWrongKeyIsAnErrorEachTime) {
  MemorySampleStore store;
  SeriesKeys keys(store, &Upper);
  EXPECT_TRUE(absl::IsInvalidArgument(keys.IdOf("bad").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(keys.IdOf("bad").status()));
}

TEST(SeriesKeysTest, WhatIsUsedSurvivesForgetting) {
  MemorySampleStore store;
  SeriesKeys keys(store, &Upper, /*largest=*/64);
  const SeriesId kept = *keys.IdOf("kept");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(keys.IdOf(absl::StrCat("passing", i)).ok());
    ASSERT_EQ(*keys.IdOf("kept"), kept);
  }
  EXPECT_EQ(store.interned(), 1001u);
}

TEST(SeriesKeysTest, AForgottenKeyIsAskedForAgain) {
  MemorySampleStore store;
  SeriesKeys keys(store, &Upper, /*largest=*/16);
  const SeriesId id = *keys.IdOf("early");
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(keys.IdOf(absl::StrCat("passing", i)).ok());
  EXPECT_EQ(*keys.IdOf("early"), id);
  EXPECT_EQ(store.interned(), 1002u);
}

}  // namespace
}  // namespace grayling
