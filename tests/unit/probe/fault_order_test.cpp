#include "probe/fault/fault_order.h"

#include <gtest/gtest.h>

namespace grayling::probe {
namespace {

FaultOrder Delay() {
  FaultOrder order;
  order.id = "20260301T101500-3";
  order.kind = "network.delay";
  order.ttl_ms = 1000;
  order.veth = "veth1";
  order.parameters = {{"delay_ms", 30}, {"jitter_ms", 5}};
  return order;
}

std::string Refusal(const FaultOrder& order) {
  Status status = Validate(order);
  return status.ok() ? "" : status.error().sentence;
}

TEST(FaultOrder, ACompleteOrderPasses) { EXPECT_EQ(Refusal(Delay()), ""); }

TEST(FaultOrder, AnIdThatIsNoFileNameIsRefused) {
  for (const char* id : {"", "../etc/passwd", ".hidden", "a/b", "a b"}) {
    FaultOrder order = Delay();
    order.id = id;
    EXPECT_NE(Refusal(order), "") << id;
  }
}

TEST(FaultOrder, EveryFaultNeedsAnEnd) {
  FaultOrder order = Delay();
  order.ttl_ms = 0;
  EXPECT_EQ(Refusal(order), "--ttl-ms must be 1 to 86400000: a fault always ends by itself");
}

TEST(FaultOrder, AnUnknownKindIsRefused) {
  FaultOrder order = Delay();
  order.kind = "network.dealy";
  EXPECT_EQ(Refusal(order),
            "there is no fault kind 'network.dealy'; 'fault kinds' lists those that are");
}

TEST(FaultOrder, AnUnknownParameterNamesTheKnownOnes) {
  FaultOrder order = Delay();
  order.parameters["dealy_ms"] = 1;
  EXPECT_EQ(Refusal(order),
            "fault kind network.delay has no parameter 'dealy_ms'; it has delay_ms, jitter_ms, "
            "correlation_percent, port");
}

TEST(FaultOrder, AValueOutOfRangeNamesTheRange) {
  FaultOrder order = Delay();
  order.kind = "network.loss";
  order.parameters = {{"percent", 101}};
  EXPECT_EQ(Refusal(order),
            "parameter percent of network.loss is 101; it must lie between 0.1 and 100 %");
}

TEST(FaultOrder, AShapeMustMakeSenseAndFitTheKind) {
  FaultOrder order = Delay();
  order.shape.kind = "ramp";
  EXPECT_EQ(Refusal(order), "");
  order.shape.from = 2;
  EXPECT_EQ(Refusal(order), "a shape's 'from' is a share of the intensity, 0 to 1");
  order = Delay();
  order.kind = "process.kill";
  order.cgroup = "/sys/fs/cgroup/x";
  order.parameters.clear();
  order.shape.kind = "ramp";
  EXPECT_EQ(Refusal(order), "process.kill cannot change while it acts; use the shape constant");
}

TEST(FaultOrder, AMissingParameterOrTargetIsNamed) {
  FaultOrder order = Delay();
  order.parameters.clear();
  EXPECT_EQ(Refusal(order), "network.delay needs --param delay_ms=VALUE");
  order = Delay();
  order.veth = "";
  EXPECT_EQ(Refusal(order),
            "network.delay needs --veth INTERFACE, the host's end of the container's link");
  order.kind = "cpu.load";
  order.parameters = {{"percent", 50}};
  EXPECT_EQ(Refusal(order),
            "cpu.load needs --cgroup FOLDER, an absolute path under /sys/fs/cgroup");
}

TEST(FaultOrder, ParametersAreNameEqualsNumberOnce) {
  FaultOrder order;
  EXPECT_TRUE(AddParameter(order, "delay_ms=30.5").ok());
  EXPECT_EQ(order.Parameter("delay_ms"), 30.5);
  for (const char* bad : {"delay_ms", "=3", "x=", "x=3ms", "x=nan", "delay_ms=31"}) {
    EXPECT_FALSE(AddParameter(order, bad).ok()) << bad;
  }
}

TEST(FaultOrder, AMarkOfAnOlderToolIsRead) {
  Result<FaultOrder> order = FaultOrderFromJson(nlohmann::json::parse(
      R"({"id":"f-1","kind":"network.delay","ttl_ms":1000,"veth":"veth1","cgroup":"","pid":7,
          "parameters":{"delay_ms":30}})"));
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order->Parameter("delay_ms"), 30);
  EXPECT_TRUE(order->shape.IsConstant());
}

TEST(FaultOrder, SurvivesItsJson) {
  const FaultOrder order = Delay();
  Result<FaultOrder> back = FaultOrderFromJson(ToJson(order));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), ToJson(order));
  EXPECT_FALSE(FaultOrderFromJson(nlohmann::json::object()).ok());
}

TEST(FaultOrder, APartitionNeedsNoIntensity) {
  FaultOrder order = Delay();
  order.kind = "network.partition";
  order.parameters.clear();
  EXPECT_TRUE(Validate(order).ok());
}

}  // namespace
}  // namespace grayling::probe
