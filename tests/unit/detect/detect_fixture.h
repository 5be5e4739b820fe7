#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "base/manual_clock.h"
#include "daemon/detect/alarm_log.h"
#include "daemon/detect/live_detector.h"
#include "daemon/detect/score_feed.h"
#include "daemon/store/records.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/store/temporary_folder.h"
#include "two_service_model.h"

namespace grayling {

constexpr int64_t kStartS = 1'700'000'000;

// A live detector on samples in memory, driven row by row.
class DetectFixture : public ::testing::Test {
 protected:
  DetectFixture() {
    auto database = Database::Open(folder_.File("grayling.db"));
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    records_ = std::make_unique<RecordStore>(*database_, "alarms");
    alarms_ = std::make_unique<AlarmLog>(*records_);
    detector_ = std::make_unique<LiveDetector>(store_, *alarms_, feed_, clock_);
  }

  static absl::Time At(int64_t second) { return absl::FromUnixSeconds(kStartS + second); }

  // Samples of both services half a second before `second`, then the row that ends there.
  ScoreRow RowWith(int64_t second, double load_of_a, double load_of_b) {
    detector_->OnBatch(store_.Batch((kStartS + second) * 1000 - 500,
                                    {{LoadOf("a"), load_of_a}, {LoadOf("b"), load_of_b}}));
    detector_->RunRow(At(second));
    return detector_->latest().value_or(ScoreRow{});
  }

  TemporaryFolder folder_;
  ManualClock clock_{absl::FromUnixSeconds(kStartS)};
  MemorySampleStore store_;
  ScoreFeed feed_{4};
  std::unique_ptr<Database> database_;
  std::unique_ptr<RecordStore> records_;
  std::unique_ptr<AlarmLog> alarms_;
  std::unique_ptr<LiveDetector> detector_;
};

}  // namespace grayling
