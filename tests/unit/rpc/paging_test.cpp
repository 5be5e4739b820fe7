#include "daemon/rpc/paging.h"

#include <gtest/gtest.h>

namespace grayling {
namespace {

TEST(Paging, WalksAllItemsOnceAndThenEnds) {
  size_t seen = 0;
  std::string token;
  int pages = 0;
  do {
    auto page = PageOf(7, 3, token);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(seen, page->begin);
    seen = page->end;
    token = page->next_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(7u, seen);
  EXPECT_EQ(3, pages);
}

TEST(Paging, TakesTheDefaultForZeroAndCutsALargeSize) {
  EXPECT_EQ(100u, PageOf(5000, 0, "")->end);
  EXPECT_EQ(1000u, PageOf(5000, 100000, "")->end);
}

TEST(Paging, RefusesANegativeSizeAndAForeignToken) {
  EXPECT_EQ(absl::StatusCode::kInvalidArgument, PageOf(5, -1, "").status().code());
  EXPECT_EQ(absl::StatusCode::kInvalidArgument, PageOf(5, 1, "abc").status().code());
}

TEST(Paging, IsEmptyPastTheEnd) {
  auto page = PageOf(5, 2, "99");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->begin, page->end);
  EXPECT_TRUE(page->next_token.empty());
}

}  // namespace
}  // namespace grayling
