#include "daemon/guest/services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScriptedExecutor final : public Executor {
 public:
  explicit ScriptedExecutor(std::function<absl::StatusOr<ExecResult>()> run)
      : run_(std::move(run)) {}
  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv, absl::Duration) override {
    argv_ = argv;
    return run_();
  }
  const std::vector<std::string>& argv() const { return argv_; }

 private:
  std::function<absl::StatusOr<ExecResult>()> run_;
  std::vector<std::string> argv_;
};

ScriptedExecutor Printing(std::string out) {
  return ScriptedExecutor([out] { return ExecResult{0, out, ""}; });
}

constexpr char kTwo[] = R"([
  {"name":"api-gateway","id":"4f2a","image":"lab/gateway","pid":812,
   "cgroup":"/sys/fs/cgroup/system.slice/docker-4f2a.scope","veth":"veth12ab","bridge":"docker0",
   "ip":"172.30.0.2","health":"healthy"},
  {"name":"vets-service","id":"9c01","pid":0,"veth":null,"health":"exited"}])";

TEST(DiscoverServices, ReadsEveryFieldThatTheProbeTells) {
  ScriptedExecutor executor = Printing(kTwo);
  const auto services = DiscoverServices(executor);
  ASSERT_TRUE(services.ok()) << services.status();
  ASSERT_EQ(services->size(), 2);
  EXPECT_THAT(executor.argv(), ElementsAre(kProbePath, "containers"));
  const GuestService& gateway = services->front();
  EXPECT_EQ(gateway.name, "api-gateway");
  EXPECT_EQ(gateway.container_id, "4f2a");
  EXPECT_EQ(gateway.image, "lab/gateway");
  EXPECT_EQ(gateway.pid, 812);
  EXPECT_EQ(gateway.cgroup_path, "/sys/fs/cgroup/system.slice/docker-4f2a.scope");
  EXPECT_EQ(gateway.veth, "veth12ab");
  EXPECT_EQ(gateway.bridge, "docker0");
  EXPECT_EQ(gateway.ip_address, "172.30.0.2");
  EXPECT_EQ(gateway.health, "healthy");
}

TEST(DiscoverServices, AContainerWithoutNetworkHasEmptyFields) {
  ScriptedExecutor executor = Printing(kTwo);
  EXPECT_EQ(DiscoverServices(executor)->at(1).veth, "");
}

TEST(DiscoverServices, AGuestWithoutContainersHasNoServices) {
  ScriptedExecutor executor = Printing("[]\n");
  EXPECT_TRUE(DiscoverServices(executor)->empty());
}

TEST(DiscoverServices, PassesTheProbesOwnSentenceOn) {
  ScriptedExecutor executor([] {
    return ExecResult{1, "", "docker does not answer on /run/docker.sock\n"};
  });
  const absl::Status status = DiscoverServices(executor).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(": docker does not answer on /run/docker.sock"));
}

TEST(DiscoverServices, AGuestWithoutTheProbeIsUnavailableAndSaysWhatToAttach) {
  ScriptedExecutor executor([] { return absl::NotFoundError("no program"); });
  const absl::Status status = DiscoverServices(executor).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(kProbePath));
}

TEST(DiscoverServices, WhatIsNotAnArrayOfNamedContainersIsRefused) {
  for (const char* text :
       {"", "{}", "[7]", R"([{"name":"x"}])", R"([{"name":1,"id":"a"}])", "[{"}) {
    ScriptedExecutor executor = Printing(text);
    EXPECT_EQ(DiscoverServices(executor).status().code(), absl::StatusCode::kInternal) << text;
  }
}

TEST(FindService, AnUnknownNameIsAnsweredWithThoseThatExist) {
  ScriptedExecutor executor = Printing(kTwo);
  EXPECT_EQ(FindService(executor, "vets-service")->container_id, "9c01");
  const absl::Status status = FindService(executor, "vet").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("api-gateway, vets-service"));
}

TEST(MeasureClockOffset, IsTheDifferenceBetweenTheClocksWithinHalfARoundTrip) {
  ScriptedExecutor executor([] {
    return ExecResult{0, absl::StrCat(absl::ToUnixNanos(absl::Now() + absl::Hours(3)), "\n"), ""};
  });
  const absl::Time begin = absl::Now();
  const auto offset = MeasureClockOffset(executor);
  const absl::Duration tolerance = absl::Now() - begin;
  ASSERT_TRUE(offset.ok()) << offset.status();
  EXPECT_LE(absl::AbsDuration(offset->offset - absl::Hours(3)), offset->uncertainty);
  EXPECT_LE(offset->uncertainty, tolerance);
  EXPECT_THAT(executor.argv(), ElementsAre(kProbePath, "clock"));
}

TEST(MeasureClockOffset, TheShortestExchangeCounts) {
  int exchange = 0;
  ScriptedExecutor executor([&exchange] {
    // All but the third are held up for a while, and would tell another offset.
    const bool quick = ++exchange == 3;
    const absl::Time until = absl::Now() + absl::Milliseconds(200);
    while (!quick && absl::Now() < until) {
    }
    return ExecResult{0, absl::StrCat(absl::ToUnixNanos(absl::Now() + absl::Hours(quick ? 1 : 9))),
                      ""};
  });
  EXPECT_LT(MeasureClockOffset(executor)->offset, absl::Hours(2));
  EXPECT_EQ(exchange, 5);
}

TEST(MeasureClockOffset, WhatIsNotANumberIsRefused) {
  ScriptedExecutor executor = Printing("noon");
  const absl::Status status = MeasureClockOffset(executor).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'noon'"));
}

}  // namespace
}  // namespace grayling
