#include "daemon/fault/blade_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// A complete order, as the life of a fault makes it.
FaultOrder Order(const std::string& kind, FaultParameters parameters = {},
                 FaultOptions options = {}) {
  const auto values =
      CompleteValues(**FindFaultKind(kind), {std::move(parameters), std::move(options)});
  EXPECT_TRUE(values.ok()) << values.status();
  FaultOrder order;
  order.id = "20260301T101500-3";
  order.kind = kind;
  order.vm = "vms/lab";
  order.service.name = "visits-service";
  order.service.container_id = "c0ffee102";
  order.parameters = values->parameters;
  order.options = values->options;
  order.duration = absl::Milliseconds(11500);
  return order;
}

// Without what every line begins and ends with.
std::string Line(const FaultOrder& order) {
  const auto argv = BladeCreateLine(order, "/b/blade");
  if (!argv.ok()) return std::string(argv.status().message());
  const std::string line = absl::StrJoin(*argv, " ");
  const std::string begin = "/b/blade create ";
  const std::string end = absl::StrCat(" --timeout 42 --uid ", BladeUid(order.id));
  EXPECT_EQ(line.substr(0, begin.size()), begin);
  EXPECT_EQ(line.substr(line.size() - end.size()), end);
  return line.substr(begin.size(), line.size() - begin.size() - end.size());
}

FaultOrder Blade(std::vector<std::string> arguments) {
  FaultOrder order = Order("blade");
  order.arguments = std::move(arguments);
  return order;
}

TEST(BladeCommand, NetworkKindsActOnTheContainersOwnEnd) {
  const FaultOptions out = {{"direction", "out"}};
  EXPECT_EQ(Line(Order("network.delay", {{"delay_ms", 40}, {"jitter_ms", 5}}, out)),
            "cri network delay --interface eth0 --time 40 --offset 5 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("network.loss", {{"percent", 2.5}}, out)),
            "cri network loss --interface eth0 --percent 2.5 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("network.corrupt", {}, out)),
            "cri network corrupt --interface eth0 --percent 5 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("network.duplicate", {}, out)),
            "cri network duplicate --interface eth0 --percent 10 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("network.reorder", {{"correlation_percent", 50}}, out)),
            "cri network reorder --interface eth0 --percent 25 --correlation 50 --time 10 "
            "--container-id c0ffee102");
}

TEST(BladeCommand, APeerIsItsAddressAndAPortIsOfEitherSide) {
  FaultOrder order = Order("network.loss", {{"port", 8081}}, {{"direction", "out"}});
  order.peer_addresses = {"172.18.0.3"};
  EXPECT_EQ(Line(order),
            "cri network loss --interface eth0 --percent 5 --destination-ip 172.18.0.3 "
            "--local-port 8081 --remote-port 8081 --container-id c0ffee102");
}

TEST(BladeCommand, BurnersAskForWholePercentsOfEachCore) {
  EXPECT_EQ(Line(Order("cpu.load", {{"percent", 80}})),
            "cri cpu fullload --cpu-percent 80 --cpu-count 1 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("cpu.load", {{"percent", 150}})),
            "cri cpu fullload --cpu-percent 75 --cpu-count 2 --container-id c0ffee102");
  EXPECT_THAT(Line(Order("cpu.load", {{"percent", 12.5}})),
              HasSubstr("12.5 on 1 cores is none; ask for a multiple of 1, or use the native"));
  EXPECT_EQ(Line(Order("memory.pressure", {{"percent", 70}})),
            "cri mem load --mode ram --mem-percent 70 --container-id c0ffee102");
}

TEST(BladeCommand, DisksAndProcesses) {
  EXPECT_EQ(Line(Order("disk.burn", {{"mib_per_s", 2000}})),
            "cri disk burn --write --path /tmp --size 10 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("disk.fill")),
            "cri disk fill --path /tmp --size 256 --container-id c0ffee102");
  EXPECT_EQ(Line(Order("process.kill", {}, {{"process", "java"}, {"signal", "TERM"}})),
            "cri process kill --process java --signal 15 --container-id c0ffee102");
}

TEST(BladeCommand, JvmKindsNameTheProcessAndTheirOwnIntensity) {
  EXPECT_EQ(Line(Order("jvm.delay", {{"effect_percent", 20}, {"time_ms", 300}},
                       {{"class", "o.A"}, {"method", "get"}})),
            "cri jvm delay --time 300 --classname o.A --methodname get --effect-percent 20 "
            "--process java --container-id c0ffee102");
  EXPECT_EQ(Line(Order("jvm.exception", {}, {{"class", "o.A"}, {"method", "get"}})),
            "cri jvm throwCustomException --exception java.lang.RuntimeException "
            "--exception-message injected-by-grayling --classname o.A --methodname get "
            "--effect-percent 30 --process java --container-id c0ffee102");
  EXPECT_EQ(Line(Order("jvm.cpu", {{"cpu_count", 2}}, {{"process", "app.jar"}})),
            "cri jvm cpufullload --cpu-count 2 --process app.jar --container-id c0ffee102");
  EXPECT_EQ(Line(Order("jvm.gc", {{"interval_ms", 1000}})),
            "cri jvm full-gc --effect-count 12 --interval 1000 --process java --container-id "
            "c0ffee102");
  EXPECT_EQ(Line(Order("jvm.oom")),
            "cri jvm OutOfMemoryError --area HEAP --block 1 --wild-mode false --process java "
            "--container-id c0ffee102");
  EXPECT_EQ(Line(Order("jvm.threads")),
            "cri jvm threadfull --wait --thread-count 100 --process java --container-id c0ffee102");
  EXPECT_THAT(Line(Order("jvm.delay", {}, {{"class", "o.A"}})), HasSubstr("needs a method"));
}

TEST(BladeCommand, WhatBladeCannotDoIsRefusedWithWhatItCan) {
  EXPECT_THAT(Line(Order("network.delay")), HasSubstr("ask for direction=out"));
  EXPECT_THAT(Line(Order("network.loss", {{"correlation_percent", 10}}, {{"direction", "out"}})),
              HasSubstr("leave correlation_percent at 0"));
  EXPECT_THAT(Line(Order("network.delay", {{"jitter_ms", 4}},
                         {{"direction", "out"}, {"distribution", "pareto"}})),
              HasSubstr("distribution=uniform"));
  EXPECT_THAT(Line(Order("network.rate")), HasSubstr("does not have it, or use the native"));
  EXPECT_THAT(Line(Order("memory.pressure", {}, {{"method", "limit"}})),
              HasSubstr("method=allocate"));
  EXPECT_THAT(Line(Order("disk.burn")), HasSubstr("without a limit; ask for mib_per_s=2000"));
  EXPECT_THAT(Line(Order("disk.fill", {{"mib", 1.5}})),
              HasSubstr("whole numbers only, mib is 1.5"));
  EXPECT_THAT(Line(Order("process.kill")), HasSubstr("process=NAME"));
}

TEST(BladeCommand, KindBladeIsVerbatimWithTheServicesContainerAndOurIdAndTimer) {
  EXPECT_EQ(Line(Blade({"docker", "network", "dns", "--domain", "a.b", "--ip=10.0.0.1"})),
            "docker network dns --domain a.b --ip=10.0.0.1 --container-id c0ffee102");
  EXPECT_EQ(Line(Blade({"cri", "cpu", "load", "--container-id=c0ffee"})),
            "cri cpu load --container-id=c0ffee");
  EXPECT_EQ(Line(Blade({"cpu", "load"})), "cpu load");
}

TEST(BladeCommand, KindBladeKeepsOutWhatWouldTakeTheUndoAway) {
  for (const char* flag : {"--uid", "--timeout=9", "-a", "--async", "--nohup", "destroy"}) {
    EXPECT_THAT(Line(Blade({"cri", "cpu", "load", flag})), HasSubstr("out of the blade line"))
        << flag;
  }
  for (const char* word : {"destroy", "create", "blade", "k8s", "revoke", "--uid", ""}) {
    EXPECT_THAT(Line(Blade({word, "x"})), HasSubstr("takes what follows `blade create`")) << word;
  }
  EXPECT_THAT(Line(Blade({"cri", "cpu", "load", "--container-name", "x"})),
              HasSubstr("the fault's service says which"));
  EXPECT_THAT(Line(Blade({"cri", "cpu", "load", "--container-id", "beef"})),
              HasSubstr("beef is not the container of visits-service"));
}

TEST(BladeCommand, AnIdIsStableAndOfSixteenDigits) {
  EXPECT_EQ(BladeUid(""), "cbf29ce484222325");  // FNV-1a's offset basis
  EXPECT_EQ(BladeUid("a"), "af63dc4c8601ec8c");
  EXPECT_NE(BladeUid("20260301T101500-3"), BladeUid("20260301T101500-4"));
}

TEST(BladeCommand, EveryKindThatTheCatalogueOffersHasALine) {
  int offered = 0;
  for (const FaultKind& kind : FaultKinds()) {
    const std::vector<std::string> backends = BackendsOf(kind);
    const bool is_offered =
        std::find(backends.begin(), backends.end(), "chaosblade") != backends.end();
    offered += is_offered ? 1 : 0;
    EXPECT_EQ(is_offered, kind.target == FaultTarget::kBlade || BladeHasToo(kind.kind));
    EXPECT_EQ(is_offered || kind.kind == "blade",
              Line(Order(kind.kind)).find("does not have it") == std::string::npos)
        << kind.kind;
  }
  EXPECT_EQ(offered, 17);
}

}  // namespace
}  // namespace grayling
