#include "daemon/detect/score_feed.h"

#include <gtest/gtest.h>

namespace grayling {
namespace {

using Outcome = ScoreQueue::Outcome;

ScoreRow RowAt(int second) {
  ScoreRow row;
  row.time = absl::FromUnixSeconds(second);
  return row;
}

TEST(ScoreFeed, EveryReaderGetsEveryRowFromItsBeginningOn) {
  ScoreFeed feed;
  const auto early = feed.Watch();
  feed.Publish(RowAt(1));
  const auto late = feed.Watch();
  feed.Publish(RowAt(2));
  ScoreRow row;
  uint64_t dropped = 9;
  EXPECT_EQ(early->Next(absl::ZeroDuration(), row, dropped), Outcome::kRow);
  EXPECT_EQ(row.time, absl::FromUnixSeconds(1));
  EXPECT_EQ(late->Next(absl::ZeroDuration(), row, dropped), Outcome::kRow);
  EXPECT_EQ(row.time, absl::FromUnixSeconds(2));
  EXPECT_EQ(dropped, 0);
  EXPECT_EQ(late->Next(absl::ZeroDuration(), row, dropped), Outcome::kTimeout);
}

TEST(ScoreFeed, ASlowReaderLosesTheOldestRowsAndIsToldHowMany) {
  ScoreFeed feed(3);
  const auto queue = feed.Watch();
  for (int second = 1; second <= 5; ++second) feed.Publish(RowAt(second));
  ScoreRow row;
  uint64_t dropped = 0;
  EXPECT_EQ(queue->Next(absl::ZeroDuration(), row, dropped), Outcome::kRow);
  EXPECT_EQ(row.time, absl::FromUnixSeconds(3));
  EXPECT_EQ(dropped, 2);
}

TEST(ScoreFeed, AReaderThatLetGoIsForgotten) {
  ScoreFeed feed;
  auto queue = feed.Watch();
  EXPECT_EQ(feed.readers(), 1u);
  queue.reset();
  EXPECT_EQ(feed.readers(), 0u);
}

TEST(ScoreFeed, ClosingEndsReadersAfterTheirLastRow) {
  ScoreFeed feed;
  const auto queue = feed.Watch();
  feed.Publish(RowAt(1));
  feed.Close();
  feed.Publish(RowAt(2));
  ScoreRow row;
  uint64_t dropped = 0;
  EXPECT_EQ(queue->Next(absl::ZeroDuration(), row, dropped), Outcome::kRow);
  EXPECT_EQ(queue->Next(absl::InfiniteDuration(), row, dropped), Outcome::kClosed);
  EXPECT_EQ(feed.Watch()->Next(absl::InfiniteDuration(), row, dropped), Outcome::kClosed);
}

}  // namespace
}  // namespace grayling
