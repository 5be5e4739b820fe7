#include "probe/fault/blade_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/fault/blade_network_look.h"
#include "probe/fault/child_program.h"
#include "probe/fault/fault_order.h"
#include "probe/kernel/files.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Delay() {
  return {"/opt/chaosblade/blade",
          "create",
          "cri",
          "network",
          "delay",
          "--interface",
          "eth0",
          "--time",
          "40",
          "--timeout=60",
          "--uid",
          "00c0ffee00c0ffee"};
}

FaultOrder DelayOrder() {
  FaultOrder order;
  order.id = "a";
  order.kind = "network.delay";
  order.ttl_ms = 1000;
  order.veth = "veth1";
  order.cgroup = "/sys/fs/cgroup/a";
  order.pid = 7;
  order.parameters = {{"delay_ms", 40}};
  order.arguments = Delay();
  return order;
}

TEST(BladeLine, IsTakenApartIntoScopeTargetActionAndFlags) {
  Result<BladeLine> line = ParseBladeLine(Delay());
  ASSERT_TRUE(line.ok()) << line.error().sentence;
  EXPECT_EQ(line->scope, "cri");
  EXPECT_EQ(line->target, "network");
  EXPECT_EQ(line->action, "delay");
  EXPECT_EQ(line->uid, "00c0ffee00c0ffee");
  EXPECT_EQ(line->Number("time", 0), 40);
  EXPECT_EQ(line->Number("timeout", 0), 60);
  EXPECT_EQ(line->Number("interface", -1), -1);
  EXPECT_EQ(line->Flag("percent"), "");
}

TEST(BladeLine, WhatCouldNotBeUndoneIsRefused) {
  const auto without = [](std::size_t from, std::size_t count) {
    std::vector<std::string> argv = Delay();
    const auto start = argv.begin() + static_cast<std::ptrdiff_t>(from);
    argv.erase(start, start + static_cast<std::ptrdiff_t>(count));
    return ParseBladeLine(argv);
  };
  EXPECT_THAT(without(10, 2).error().sentence, HasSubstr("needs --uid"));
  EXPECT_THAT(without(9, 1).error().sentence, HasSubstr("needs --timeout"));
  EXPECT_THAT(without(1, 1).error().sentence, HasSubstr("a whole line"));
  EXPECT_THAT(ParseBladeLine({"blade", "create", "k8s", "pod-cpu"}).error().sentence,
              HasSubstr("k8s is not supported"));
  EXPECT_FALSE(ParseBladeLine({}).ok());
}

TEST(BladeOrder, SurvivesTheMarkOnDisk) {
  const FaultOrder order = DelayOrder();
  ASSERT_TRUE(Validate(order).ok());
  Result<FaultOrder> read = FaultOrderFromJson(ToJson(order));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->arguments, order.arguments);
}

TEST(BladeOrder, IsRefusedWithoutItsContainerOrWithAShapeOrWithoutALine) {
  FaultOrder order = DelayOrder();
  order.pid = 0;
  EXPECT_THAT(Validate(order).error().sentence, HasSubstr("needs --pid and --cgroup"));
  order = DelayOrder();
  order.shape.kind = "ramp";
  EXPECT_THAT(Validate(order).error().sentence, HasSubstr("cannot change"));
  order = DelayOrder();
  order.kind = "jvm.gc";
  order.parameters = {{"interval_ms", 1000}};
  EXPECT_TRUE(Validate(order).ok()) << Validate(order).error().sentence;
  order.arguments.clear();
  EXPECT_THAT(Validate(order).error().sentence, HasSubstr("needs --arguments"));
}

TEST(BladeOrder, ArgumentsAreAJsonListOfTexts) {
  FaultOrder order;
  ASSERT_TRUE(SetArguments(order, R"(["blade","create","a b","","--x=[1]"])").ok());
  EXPECT_EQ(order.arguments, (std::vector<std::string>{"blade", "create", "a b", "", "--x=[1]"}));
  EXPECT_FALSE(SetArguments(order, "blade create").ok());
  EXPECT_FALSE(SetArguments(order, R"(["blade",7])").ok());
  EXPECT_EQ(order.arguments.size(), 5u);
}

nlohmann::json Qdiscs(const std::string& text) { return nlohmann::json::parse(text); }

// As `tc -j qdisc show dev eth0` of iproute2 6.1 prints them.
TEST(BladeNetem, IsFoundAtTheRootAndBelowBladesPrio) {
  EXPECT_NE(FindBladeNetem(Qdiscs(R"([{"kind":"netem","handle":"8001:","root":true,"refcnt":2,
      "options":{"limit":1000,"delay":{"delay":0.04,"jitter":0,"correlation":0}}}])")),
            nullptr);
  EXPECT_NE(FindBladeNetem(Qdiscs(R"([{"kind":"prio","handle":"1:","root":true,"options":{}},
      {"kind":"netem","handle":"40:","parent":"1:4","options":{}}])")),
            nullptr);
}

TEST(BladeNetem, IsNotTheKernelsDefaultAndNotOfAnotherTool) {
  const nlohmann::json quiet = Qdiscs(R"([{"kind":"noqueue","handle":"0:","root":true}])");
  EXPECT_EQ(FindRootQdisc(quiet), nullptr);
  EXPECT_EQ(FindBladeNetem(quiet), nullptr);
  // Natively made: its handle lies below those that the kernel gives.
  const nlohmann::json native = Qdiscs(R"([{"kind":"netem","handle":"5a3c:","root":true}])");
  EXPECT_NE(FindRootQdisc(native), nullptr);
  EXPECT_EQ(FindBladeNetem(native), nullptr);
  EXPECT_EQ(FindBladeNetem(Qdiscs(R"([{"kind":"prio","handle":"1:","root":true}])")), nullptr);
  EXPECT_EQ(FindBladeNetem(Qdiscs(R"([{"kind":"tbf","handle":"8001:","root":true}])")), nullptr);
  EXPECT_EQ(FindBladeNetem(Qdiscs("[1,{}]")), nullptr);
  EXPECT_EQ(FindBladeNetem(Qdiscs("{}")), nullptr);
}

TEST(ChildProgram, ReturnsBothStreamsAndTheExitCode) {
  Result<ProgramRun> run = RunProgram({"sh", "-c", "echo out; echo err >&2; exit 3"}, 10000);
  ASSERT_TRUE(run.ok()) << run.error().sentence;
  EXPECT_EQ(run->out, "out\n");
  EXPECT_EQ(run->err, "err\n");
  EXPECT_EQ(run->exit_code, 3);
  EXPECT_EQ(RunProgram({"/no/such/program"}, 1000).error().code, ENOENT);
}

TEST(ChildProgram, OneThatHangsIsKilledWithItsChildren) {
  const TemporaryFolder folder;
  const std::string script = "sleep 300 & echo $! >" + folder.path() + "/child; sleep 300";
  Result<ProgramRun> run = RunProgram({"sh", "-c", script}, 1000);
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().code, ETIMEDOUT);
  const int child = std::stoi(*ReadFile(folder.path() + "/child"));
  EXPECT_TRUE(WaitForProcessToEnd(child));
}

TEST(ChildProgram, WhatAChildInTheBackgroundHoldsOpenIsNotWaitedFor) {
  Result<ProgramRun> run = RunProgram({"sh", "-c", "sleep 3 & echo done"}, 2000);
  ASSERT_TRUE(run.ok()) << run.error().sentence;
  EXPECT_EQ(run->out, "done\n");
}

}  // namespace
}  // namespace grayling::probe
