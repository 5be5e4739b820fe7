#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "base/clock.h"
#include "daemon/guest/agent_executor.h"
#include "daemon/guest/local_executor.h"
#include "tests/unit/guest/fake_agent_hypervisor.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// What an Executor is made of; `executor` lives as long as this.
struct ExecutorUnderTest {
  virtual ~ExecutorUnderTest() = default;
  virtual Executor& executor() = 0;
};

struct Local final : ExecutorUnderTest {
  Executor& executor() override { return local; }
  LocalExecutor local;
};

// The agent's protocol, with this machine's programs behind it.
struct Agent final : ExecutorUnderTest {
  Executor& executor() override { return agent; }
  LocalExecutor local;
  FakeAgentHypervisor hypervisor{
      [this](const std::vector<std::string>& argv) { return local.Run(argv, absl::Seconds(10)); }};
  SystemClock clock;
  AgentExecutor agent{hypervisor, "lab", clock};
};

struct Backend {
  std::string name;
  std::function<std::unique_ptr<ExecutorUnderTest>()> make;
};

class ExecutorContract : public ::testing::TestWithParam<Backend> {
 protected:
  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                 absl::Duration timeout = absl::Seconds(20)) {
    return under_test_->executor().Run(argv, timeout);
  }
  std::unique_ptr<ExecutorUnderTest> under_test_ = GetParam().make();
};

TEST_P(ExecutorContract, ReturnsOutputAndExitCodeOfAProgram) {
  const auto result = Run({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST_P(ExecutorContract, ArgumentsAreNotReadByAnyShell) {
  const auto result = Run({"/usr/bin/printf", "%s|", "a b", "$HOME", "", "'\"\\", ";exit 1"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, "a b|$HOME||'\"\\|;exit 1|");
}

TEST_P(ExecutorContract, OutputIsBytes) {
  const auto result = Run({"/usr/bin/printf", "\\000\\377\\n"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, std::string("\0\xff\n", 3));
}

TEST_P(ExecutorContract, FindsAProgramThroughPath) { EXPECT_EQ(Run({"true"})->exit_code, 0); }

TEST_P(ExecutorContract, AProgramThatIsNotThereIsNotFoundAndNamed) {
  const absl::Status status = Run({"/no/such/program"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such/program"));
}

TEST_P(ExecutorContract, AProgramThatCannotFindItsFileIsAResultNotAnError) {
  const auto result = Run({"/bin/cat", "/no/such/file"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 1);
  EXPECT_THAT(result->err, HasSubstr("No such file"));
}

TEST_P(ExecutorContract, AProgramThatOutlivesItsTimeOutIsDeadlineExceeded) {
  EXPECT_EQ(Run({"/bin/sleep", "30"}, absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_P(ExecutorContract, AnEmptyCommandIsInvalid) {
  EXPECT_EQ(Run({}).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Backends, ExecutorContract,
    ::testing::Values(Backend{"Local", [] { return std::make_unique<Local>(); }},
                      Backend{"Agent", [] { return std::make_unique<Agent>(); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace grayling
