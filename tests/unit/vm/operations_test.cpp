#include "daemon/rpc/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/manual_clock.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

class OperationsTest : public ::testing::Test {
 protected:
  static Operations::Work Return(absl::Status status) {
    return [status](const absl::Notification&, const Operations::Step&) { return status; };
  }
  // Works until told to stop.
  static Operations::Work UntilStopped() {
    return [](const absl::Notification& stop, const Operations::Step&) {
      stop.WaitForNotification();
      return absl::CancelledError("stopped");
    };
  }

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Operations operations_{clock_};
};

TEST_F(OperationsTest, AnswersAtOnceAndIsDoneWhenTheWorkReturns) {
  absl::Notification go;
  const auto started =
      operations_.Start("vms/lab", [&go](const absl::Notification&, const Operations::Step&) {
        go.WaitForNotification();
        return absl::OkStatus();
      });
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_FALSE(started->done());
  EXPECT_EQ(started->target(), "vms/lab");
  EXPECT_EQ(started->create_time().seconds(), 1'700'000'000);
  EXPECT_FALSE(operations_.Get(started->name())->done());
  go.Notify();
  const auto ended = operations_.Wait(started->name(), absl::Seconds(20));
  EXPECT_TRUE(ended->done());
  EXPECT_EQ(ended->error_code(), 0);
  EXPECT_TRUE(ended->has_end_time());
}

TEST_F(OperationsTest, KeepsTheErrorOfWorkThatFailed) {
  const auto started = operations_.Start("vms/lab", Return(absl::NotFoundError("no disk")));
  const auto ended = operations_.Wait(started->name(), absl::Seconds(20));
  EXPECT_EQ(ended->error_code(), static_cast<int>(absl::StatusCode::kNotFound));
  EXPECT_EQ(ended->error_message(), "no disk");
}

TEST_F(OperationsTest, ShowsTheStepThatTheWorkIsAt) {
  absl::Notification told;
  const auto started = operations_.Start(
      "vms/lab", [&told](const absl::Notification& stop, const Operations::Step& step) {
        step("booting");
        told.Notify();
        stop.WaitForNotification();
        return absl::OkStatus();
      });
  told.WaitForNotification();
  EXPECT_EQ(operations_.Get(started->name())->step(), "booting");
}

TEST_F(OperationsTest, ASecondOneOnTheSameTargetIsAbortedAndNamesTheFirst) {
  const auto first = operations_.Start("vms/lab", UntilStopped());
  const absl::Status second = operations_.Start("vms/lab", UntilStopped()).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(second.message()), HasSubstr(first->name()));
  EXPECT_TRUE(operations_.Start("vms/other", UntilStopped()).ok());
}

TEST_F(OperationsTest, ATargetIsFreeAgainOnceItsOperationIsDone) {
  const auto first = operations_.Start("vms/lab", Return(absl::OkStatus()));
  ASSERT_TRUE(operations_.Wait(first->name(), absl::Seconds(20))->done());
  const auto second = operations_.Start("vms/lab", Return(absl::OkStatus()));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(second->name(), first->name());
}

TEST_F(OperationsTest, WaitingGivesUpAfterItsTimeOut) {
  const auto started = operations_.Start("vms/lab", UntilStopped());
  EXPECT_FALSE(operations_.Wait(started->name(), absl::Milliseconds(5))->done());
}

TEST_F(OperationsTest, RunsABoundedNumberAtOnce) {
  for (size_t i = 0; i < Operations::kMaxRunning; ++i) {
    ASSERT_TRUE(operations_.Start(absl::StrCat("vms/", i), UntilStopped()).ok());
  }
  EXPECT_EQ(operations_.Start("vms/one-more", UntilStopped()).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(OperationsTest, ForgetsTheOldestThatAreDoneButNeverOneThatRuns) {
  const auto running = operations_.Start("vms/running", UntilStopped());
  std::string last;
  for (size_t i = 0; i < Operations::kMaxKept + 5; ++i) {
    last = operations_.Start("vms/lab", Return(absl::OkStatus()))->name();
    ASSERT_TRUE(operations_.Wait(last, absl::Seconds(20))->done());
  }
  EXPECT_LE(operations_.List().size(), Operations::kMaxKept);
  EXPECT_TRUE(operations_.Get(running->name()).ok());
  EXPECT_TRUE(operations_.Get(last).ok());
  EXPECT_EQ(operations_.Get("operations/2").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OperationsTest, StoppingTellsAllWorkAndRefusesMore) {
  const auto started = operations_.Start("vms/lab", UntilStopped());
  operations_.StopAll();
  EXPECT_EQ(operations_.Wait(started->name(), absl::Seconds(20))->error_code(),
            static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_EQ(operations_.Start("vms/other", UntilStopped()).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(Operations, TheirEndWaitsForTheirWork) {
  ManualClock clock(absl::UnixEpoch());
  bool ended = false;
  {
    Operations operations(clock);
    ASSERT_TRUE(operations
                    .Start("vms/lab",
                           [&ended](const absl::Notification& stop, const Operations::Step&) {
                             stop.WaitForNotification();
                             ended = true;
                             return absl::OkStatus();
                           })
                    .ok());
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace grayling
