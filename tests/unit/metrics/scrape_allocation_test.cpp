// No allocation per sample: a page whose series are known costs none at all.

#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/page_reader.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/allocation_count.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

std::string Page(int value, bool stamped) {
  std::string page = "# HELP m A help.\n# TYPE m gauge\n";
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&page, "m{i=\"", i, "\",path=\"/a/b\"} ", value, ".25",
                    stamped ? absl::StrCat(" ", 1000 + value) : "", "\n");
  }
  return page;
}

class ScrapeAllocationTest : public ::testing::TestWithParam<bool> {};

TEST_P(ScrapeAllocationTest, ReadingAPageAgainAllocatesNothing) {
  const std::string first = Page(1, GetParam());
  const std::string second = Page(2, GetParam());
  MemorySampleStore store;
  SeriesCache cache(store, SeriesRewriter());
  SampleBatch batch;
  const auto read = [&](const std::string& page) {
    batch.series.clear();
    batch.values.clear();
    batch.times_ms.clear();
    return ReadPage(page, {}, cache, batch)->stored;
  };
  ASSERT_EQ(read(first), 500u);
  ASSERT_GT(AllocationCount(), 500u);  // the count works
  const size_t before = AllocationCount();
  const size_t stored = read(second);
  const size_t made = AllocationCount() - before;
  EXPECT_EQ(stored, 500u);
  EXPECT_EQ(made, 0u);
}

INSTANTIATE_TEST_SUITE_P(Unstamped, ScrapeAllocationTest, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Stamped, ScrapeAllocationTest, ::testing::Values(true));

}  // namespace
}  // namespace grayling
