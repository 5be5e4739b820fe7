#include "daemon/fault/probe_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace grayling {
namespace {

using ::testing::HasSubstr;

ProbeAnswer ReadBack(std::map<std::string, double> values) {
  ProbeAnswer answer;
  answer.values = std::move(values);
  return answer;
}

absl::Status CompareReadback(const std::string& kind, std::map<std::string, double> asked,
                             const ProbeAnswer& answer) {
  FaultOrder order;
  order.kind = kind;
  order.parameters = std::move(asked);
  order.duration = absl::Seconds(10);
  return grayling::CompareReadback(order, answer);
}

TEST(ProbeAnswer, AGoodAnswerIsReadWhole) {
  const auto answer = ParseProbeAnswer(
      {0,
       R"({"ok":true,"id":"f-1","guest_time_ns":1772360100000000001,"readback":"netem delay 30ms","values":{"delay_ms":30}})",
       ""},
      "f-1");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->guest_time, absl::FromUnixNanos(1772360100000000001));
  EXPECT_EQ(answer->readback, "netem delay 30ms");
  EXPECT_EQ(answer->values.at("delay_ms"), 30);
}

TEST(ProbeAnswer, ARefusalKeepsTheToolsOwnSentence) {
  const auto answer =
      ParseProbeAnswer({1, R"({"ok":false,"error":"veth7 is not there"})", ""}, "f-1");
  EXPECT_TRUE(absl::IsFailedPrecondition(answer.status()));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("veth7 is not there"));
}

TEST(ProbeAnswer, AnUnknownFaultIsNotFound) {
  const auto answer =
      ParseProbeAnswer({1, R"({"ok":false,"error":"no fault f-1","unknown":true})", ""}, "f-1");
  EXPECT_TRUE(absl::IsNotFound(answer.status()));
}

TEST(ProbeAnswer, ResidueIsADataLossWhateverTheGuestCallsIt) {
  const auto answer = ParseProbeAnswer(
      {1, R"({"ok":false,"error":"netem remains","residue":"netem remains"})", ""}, "f-1");
  EXPECT_TRUE(absl::IsDataLoss(answer.status()));
}

TEST(ProbeAnswer, OkWithABadExitCodeIsNotBelieved) {
  const auto answer =
      ParseProbeAnswer({1, R"({"ok":true,"id":"f-1","guest_time_ns":5,"readback":""})", ""}, "f-1");
  EXPECT_TRUE(absl::IsInternal(answer.status()));
}

TEST(ProbeAnswer, AnAnswerAboutAnotherFaultIsNotBelieved) {
  const auto answer =
      ParseProbeAnswer({0, R"({"ok":true,"id":"f-2","guest_time_ns":5,"readback":""})", ""}, "f-1");
  EXPECT_TRUE(absl::IsInternal(answer.status()));
}

TEST(ProbeAnswer, TextThatIsNotJsonIsShownInTheError) {
  const auto answer = ParseProbeAnswer({127, "", "Exec format error"}, "f-1");
  EXPECT_TRUE(absl::IsInternal(answer.status()));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("Exec format error"));
}

TEST(ProbeAnswer, ADelayThatReadsBackDifferentlyIsRefused) {
  const absl::Status status =
      CompareReadback("network.delay", {{"delay_ms", 40}}, ReadBack({{"delay_ms", 30}}));
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("delay_ms = 40 but the target reads back 30"));
}

TEST(ProbeAnswer, ADelayThatIsNotReadBackAtAllIsRefused) {
  EXPECT_TRUE(absl::IsFailedPrecondition(
      CompareReadback("network.delay", {{"delay_ms", 40}}, ReadBack({}))));
}

TEST(ProbeAnswer, TheKernelsRoundingOfALossIsNotADifference) {
  EXPECT_TRUE(
      CompareReadback("network.loss", {{"percent", 5}}, ReadBack({{"percent", 4.9999997}})).ok());
}

TEST(ProbeAnswer, AMeasuredMemoryPressureMayDifferByAFifth) {
  const auto compared = [](double read) {
    return CompareReadback("memory.pressure", {{"percent", 90}}, ReadBack({{"percent", read}}));
  };
  EXPECT_TRUE(compared(75).ok());
  EXPECT_FALSE(compared(70).ok());
}

TEST(ProbeAnswer, OfACpuLoadAtLeastHalfMustHaveBeenMeasured) {
  const auto compared = [](double measured) {
    return CompareReadback("cpu.load", {{"percent", 150}},
                           ReadBack({{"percent", 150}, {"percent_measured", measured}}));
  };
  EXPECT_TRUE(compared(143).ok());
  EXPECT_TRUE(compared(75).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(compared(74)));
  EXPECT_THAT(std::string(compared(74).message()),
              HasSubstr("percent = 150 but the guest measured 74"));
}

TEST(ProbeAnswer, ACpuLoadThatOnlyEchoesTheOrderIsRefused) {
  EXPECT_TRUE(absl::IsFailedPrecondition(
      CompareReadback("cpu.load", {{"percent", 80}}, ReadBack({{"percent", 80}}))));
}

TEST(ProbeAnswer, ACpuLoadOfAnotherSizeThanOrderedIsRefusedWhateverWasMeasured) {
  EXPECT_TRUE(absl::IsFailedPrecondition(CompareReadback(
      "cpu.load", {{"percent", 80}}, ReadBack({{"percent", 40}, {"percent_measured", 80}}))));
}

TEST(ProbeAnswer, AFaultThatGrowsIsComparedWithWhatItBeginsWith) {
  FaultOrder order;
  order.kind = "network.delay";
  order.parameters = {{"delay_ms", 100}};
  order.shape.kind = "ramp";
  order.shape.from = 0.2;
  order.duration = absl::Seconds(10);
  EXPECT_TRUE(grayling::CompareReadback(order, ReadBack({{"delay_ms", 20}})).ok());
  EXPECT_FALSE(grayling::CompareReadback(order, ReadBack({{"delay_ms", 100}})).ok());
}

TEST(ProbeAnswer, AbsentJitterNeedNotBeReadBack) {
  EXPECT_TRUE(CompareReadback("network.delay", {{"delay_ms", 40}, {"jitter_ms", 0}},
                              ReadBack({{"delay_ms", 40}}))
                  .ok());
}

}  // namespace
}  // namespace grayling
