#include "daemon/guest/agent_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "daemon/guest/guests.h"
#include "tests/unit/guest/fake_agent_hypervisor.h"

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

class AgentExecutorTest : public ::testing::Test {
 protected:
  absl::StatusOr<ExecResult> Run(absl::Duration timeout = absl::Seconds(10)) {
    return executor_.Run({"/bin/uname", "-a"}, timeout);
  }

  absl::StatusOr<ExecResult> program_ = ExecResult{0, "Linux\n", ""};
  std::vector<std::string> seen_argv_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  FakeAgentHypervisor hypervisor_{[this](const std::vector<std::string>& argv) {
    seen_argv_ = argv;
    return program_;
  }};
  AgentExecutor executor_{hypervisor_, "lab", clock_};
};

TEST_F(AgentExecutorTest, GivesTheArgumentVectorToTheAgentAsItIs) {
  ASSERT_TRUE(executor_.Run({"/bin/echo", "a b", "$HOME", "\"quoted\""}, absl::Seconds(1)).ok());
  EXPECT_THAT(seen_argv_, ElementsAre("/bin/echo", "a b", "$HOME", "\"quoted\""));
}

TEST_F(AgentExecutorTest, DecodesBothStreamsByteForByte) {
  const std::string bytes("\0\xff\n\x80", 4);
  program_ = ExecResult{3, bytes, "e"};
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->out, bytes);
  EXPECT_EQ(result->err, "e");
}

TEST_F(AgentExecutorTest, AsksAgainEverMoreSlowlyUntilTheProgramEnds) {
  hypervisor_.questions_until_exit = 40;
  const absl::Time begin = clock_.Now();
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(hypervisor_.questions, 40);
  // Between 39 of the shortest and 39 of the longest pauses.
  EXPECT_GT(clock_.Now() - begin, 39 * absl::Milliseconds(3));
  EXPECT_LT(clock_.Now() - begin, 39 * absl::Milliseconds(50));
}

TEST_F(AgentExecutorTest, GivesUpExactlyAtTheDeadlineOfAProgramThatNeverEnds) {
  program_ = absl::DeadlineExceededError("");
  const absl::Time begin = clock_.Now();
  EXPECT_EQ(Run(absl::Seconds(2)).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(clock_.Now() - begin, absl::Seconds(2));
}

TEST_F(AgentExecutorTest, EndsSoonAfterNobodyWantsTheAnswerAnyMore) {
  program_ = absl::DeadlineExceededError("");
  const absl::Time begin = clock_.Now();
  const absl::Status status = executor_
                                  .RunUnlessCancelled({"/bin/sleep", "300"}, absl::Minutes(5),
                                                      [&] { return hypervisor_.questions >= 3; })
                                  .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(hypervisor_.questions, 3);
  EXPECT_LT(clock_.Now() - begin, absl::Seconds(1));
}

TEST_F(AgentExecutorTest, NoSingleQuestionIsAllowedToOutlastTheCallersPatienceByMuch) {
  ASSERT_TRUE(Run(absl::Milliseconds(100)).ok());
  EXPECT_THAT(hypervisor_.timeouts, Each(Le(absl::Seconds(1))));
}

TEST_F(AgentExecutorTest, AMissingProgramIsNotFoundWhetherToldByTheAgentOrByLibvirt) {
  program_ = absl::NotFoundError("");
  for (const bool as_libvirt : {false, true}) {
    hypervisor_.errors_as_libvirt = as_libvirt;
    const absl::Status status = Run().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()), HasSubstr("/bin/uname"));
  }
}

TEST_F(AgentExecutorTest, AProgramKilledBySignalNineHasExitCode137) {
  hypervisor_.signal = 9;
  EXPECT_EQ(Run()->exit_code, 137);
}

TEST_F(AgentExecutorTest, AnAgentThatDoesNotAnswerIsUnavailable) {
  hypervisor_.broken_channel = absl::UnavailableError("QEMU guest agent is not connected");
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(AgentExecutorTest, ADomainThatIsGoneIsUnavailableNotAMissingProgram) {
  hypervisor_.broken_channel = absl::NotFoundError("no domain lab");
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(AgentExecutorTest, AnAnswerThatIsNotTheAgentsIsAnErrorNotACrash) {
  for (const char* answer :
       {"", "nonsense", "[]", "{}", R"({"return":5})", R"({"return":{}})", R"({"error":{}})",
        R"({"return":{"pid":"x"}})", R"({"return":{"pid":7,"exited":"yes"}})",
        R"({"return":{"pid":7,"exited":true,"out-data":"***"}})",
        R"({"return":{"pid":7,"exited":true,"out-data":7}})"}) {
    hypervisor_.broken_answer = answer[0] == '\0' ? " " : answer;
    EXPECT_EQ(Run().status().code(), absl::StatusCode::kInternal) << answer;
  }
}

TEST_F(AgentExecutorTest, AnEmptyCommandIsRefusedWithoutAskingTheAgent) {
  EXPECT_EQ(executor_.Run({}, absl::Seconds(1)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(hypervisor_.timeouts.empty());
}

TEST_F(AgentExecutorTest, GuestsGiveOneExecutorPerVmAndKnowOnlyVmsThatExist) {
  AgentGuests guests(hypervisor_);
  const auto first = guests.ExecutorOf("vms/lab");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*guests.ExecutorOf("vms/lab"), *first);
  EXPECT_EQ((*first)->Run({"/bin/uname"}, absl::Seconds(1))->out, "Linux\n");
  EXPECT_EQ(guests.ExecutorOf("vms/other").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(guests.ExecutorOf("lab").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AgentExecutorTest, GuestsForgetAVmWhoseDomainIsGone) {
  AgentGuests guests(hypervisor_);
  ASSERT_TRUE(guests.ExecutorOf("vms/lab").ok());
  hypervisor_.is_gone = true;
  EXPECT_EQ(guests.ExecutorOf("vms/lab").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace grayling
