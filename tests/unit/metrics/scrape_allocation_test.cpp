// No allocation per sample: counts every operator new of this program while a page is read again.

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/page_reader.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace {

thread_local size_t allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

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
  ASSERT_GT(allocations, 500u);  // the count works
  const size_t before = allocations;
  const size_t stored = read(second);
  const size_t made = allocations - before;
  EXPECT_EQ(stored, 500u);
  EXPECT_EQ(made, 0u);
}

INSTANTIATE_TEST_SUITE_P(Unstamped, ScrapeAllocationTest, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Stamped, ScrapeAllocationTest, ::testing::Values(true));

}  // namespace
}  // namespace grayling
