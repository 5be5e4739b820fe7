#include "daemon/guest/local_executor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace grayling {
namespace {

TEST(LocalExecutor, FindsProgramsThroughPath) {
  LocalExecutor executor;
  EXPECT_EQ(executor.Run({"echo", "hello"}, absl::Seconds(10))->out, "hello\n");
}

TEST(LocalExecutor, CollectsMoreOutputThanAPipeHolds) {
  LocalExecutor executor;
  const auto result = executor.Run({"head", "-c", "3000000", "/dev/zero"}, absl::Seconds(20));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, std::string(3'000'000, '\0'));
}

TEST(LocalExecutor, GivesAnEmptyInputThatEndsAtOnce) {
  LocalExecutor executor;
  const auto result = executor.Run({"cat"}, absl::Seconds(10));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, "");
}

TEST(LocalExecutor, DoesNotWaitForAChildThatAProgramLeftBehind) {
  LocalExecutor executor;
  const absl::Time begin = absl::Now();
  const auto result = executor.Run({"sh", "-c", "sleep 20 & echo $!"}, absl::Seconds(15));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(15));
  pid_t left_behind = 0;
  ASSERT_TRUE(absl::SimpleAtoi(result->out, &left_behind));
  EXPECT_EQ(kill(left_behind, SIGKILL), 0);
}

TEST(LocalExecutor, KillsWhatOutlivedItsTimeOutWhenItEnds) {
  // The program tells its pid through a pipe that it shares with this test.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    LocalExecutor executor;
    const auto result = executor.Run(
        {"sh", "-c", absl::StrCat("echo $$ >&", ends[1], "; exec sleep 30")}, absl::Seconds(1));
    EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  }
  char text[32] = {};
  ASSERT_GT(read(ends[0], text, sizeof(text) - 1), 0);
  pid_t pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(text, &pid));
  EXPECT_EQ(kill(pid, 0), -1) << "still there, or a zombie";
  close(ends[0]);
  close(ends[1]);
}

TEST(LocalExecutor, RunsProgramsWithNoSignalBlockedThoughTheCallerBlocksSome) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  LocalExecutor executor;
  const auto result = executor.Run({"sh", "-c", "kill -TERM $$; exit 0"}, absl::Seconds(10));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 128 + SIGTERM);
}

TEST(LocalExecutor, RunsFromSeveralThreadsWithoutMixingOutputs) {
  LocalExecutor executor;
  std::vector<std::string> outs(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < outs.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto result = executor.Run({"echo", absl::StrCat(i)}, absl::Seconds(20));
      if (result.ok()) outs[i] = result->out;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < outs.size(); ++i) EXPECT_EQ(outs[i], absl::StrCat(i, "\n"));
}

}  // namespace
}  // namespace grayling
