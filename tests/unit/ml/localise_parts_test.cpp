#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/core/call_graph.h"
#include "ml/core/localisation_metrics.h"
#include "ml/core/localise_deviation.h"
#include "ml/core/localise_rows.h"
#include "ml/core/localise_signal.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Names(const CallGraph& graph) {
  std::vector<std::string> names;
  for (const CallGraph::Service& service : graph.services()) names.push_back(service.name);
  return names;
}

TEST(CallGraph, ReadsServicesAndCallsFromColumnNames) {
  const CallGraph graph({"a/cpu", "a>b/latency", "total", "b/cpu", "a>b/errors"}, {});
  EXPECT_THAT(Names(graph), ElementsAre("a", "b"));
  EXPECT_THAT(graph.services()[0].columns, ElementsAre(0));
  EXPECT_THAT(graph.services()[1].columns, ElementsAre(3));
  ASSERT_THAT(graph.calls(), SizeIs(1));
  EXPECT_THAT(graph.calls()[0].columns, ElementsAre(1, 4));
  EXPECT_THAT(graph.services()[0].outgoing, ElementsAre(0));
  EXPECT_THAT(graph.services()[1].incoming, ElementsAre(0));
}

TEST(CallGraph, ListedEdgesAddCallsAndServicesThatNoColumnMeasures) {
  const CallGraph graph({"a/cpu", "a>b/latency"}, {{"a", "b"}, {"b", "database"}});
  EXPECT_THAT(Names(graph), ElementsAre("a", "b", "database"));
  ASSERT_THAT(graph.calls(), SizeIs(2));
  EXPECT_THAT(graph.calls()[1].columns, IsEmpty());
}

TEST(CallGraph, AMetricWithLabelsIsNoService) {
  EXPECT_THAT(CallGraph({"disk_reads{device=/dev/sda}", "x{path=/a>b/c}"}, {}).services(),
              IsEmpty());
  EXPECT_EQ(MetricOf("disk_reads{device=/dev/sda}"), "disk_reads{device=/dev/sda}");
  EXPECT_EQ(MetricOf("a>b/latency"), "latency");
}

TEST(CallGraph, AServiceThatCallsItselfIsNoCall) {
  EXPECT_THAT(CallGraph({"a>a/latency", "a/cpu"}, {{"a", "a"}}).calls(), IsEmpty());
}

TEST(SignalKind, IsToldByTheWordsOfAName) {
  EXPECT_EQ(SignalKindOf("http_server_requests_seconds_mean{route=_x}"), SignalKind::kLatency);
  EXPECT_EQ(SignalKindOf("tcp_link_srtt_us"), SignalKind::kLatency);
  EXPECT_EQ(SignalKindOf("responseTimeMs"), SignalKind::kLatency);
  EXPECT_EQ(SignalKindOf("latency-90"), SignalKind::kLatency);
  EXPECT_EQ(SignalKindOf("request_errors_rate"), SignalKind::kErrors);
  EXPECT_EQ(SignalKindOf("http_5xx"), SignalKind::kErrors);
  EXPECT_EQ(SignalKindOf("cpu_seconds_rate"), SignalKind::kCpu);
  EXPECT_EQ(SignalKindOf("memory_usage_mib"), SignalKind::kMemory);
  EXPECT_EQ(SignalKindOf("diskWriteBytes"), SignalKind::kDisk);
  EXPECT_EQ(SignalKindOf("network_receive_bytes"), SignalKind::kNetwork);
  EXPECT_EQ(SignalKindOf("requests_per_second"), SignalKind::kLoad);
  EXPECT_EQ(SignalKindOf("version"), SignalKind::kOther);
  EXPECT_EQ(SignalKindOf(""), SignalKind::kOther);
}

TEST(SignalKind, AnUnknownMetricIsItsOwnFamily) {
  EXPECT_EQ(SignalFamily("cpu_percent"), SignalFamily("cpu_throttled"));
  EXPECT_NE(SignalFamily("m1"), SignalFamily("m2"));
}

// 1000 rows from time 0 with faults at the given starts, each `length` seconds.
Run RunWithFaults(double period_s, std::vector<double> starts, double length) {
  Run run;
  for (int r = 0; r < 1000; ++r) run.time.push_back(period_s * r);
  for (const double start : starts)
    run.windows.push_back({start, start + length, "", "", "", std::nullopt, {}});
  return run;
}

TEST(LocaliseRows, CoverTheSameTimeAtAnyPeriodWithinALeastAndAMostOfRows) {
  LocaliseRows rows = RowsAround(RunWithFaults(1, {}, 0), 900, 1, {});
  EXPECT_EQ(rows.end - rows.begin, 100U);  // the run ends
  EXPECT_THAT(rows.reference, SizeIs(600));
  rows = RowsAround(RunWithFaults(10, {}, 0), 5000, 10, {});
  EXPECT_EQ(rows.end - rows.begin, 24U);
  EXPECT_THAT(rows.reference, SizeIs(360));
  rows = RowsAround(RunWithFaults(300, {}, 0), 150000, 300, {});
  EXPECT_EQ(rows.end - rows.begin, 4U);
  EXPECT_THAT(rows.reference, SizeIs(60));
}

TEST(LocaliseRows, TheReferenceLeavesOutEarlierFaultsAndTheirRecovery) {
  const LocaliseRows rows = RowsAround(RunWithFaults(60, {600, 1200}, 180), 1200, 60, {});
  EXPECT_THAT(rows.reference, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 19));
  EXPECT_EQ(rows.begin, 20U);
}

TEST(LocaliseRows, TheFaultsRowsEndWhereTheNextFaultStarts) {
  const LocaliseRows rows = RowsAround(RunWithFaults(10, {600, 720}, 60), 600, 10, {});
  EXPECT_EQ(rows.begin, 60U);
  EXPECT_EQ(rows.end, 72U);
}

TEST(LocaliseRows, AStartALittleBeforeTheLabelsIsTheSameFault) {
  const LocaliseRows rows = RowsAround(RunWithFaults(10, {600}, 60), 599.5, 10, {});
  EXPECT_EQ(rows.begin, 60U);
  EXPECT_EQ(rows.end, 84U);
}

TEST(LocaliseRows, WhenEarlierFaultsLeaveNothingTheLastRowsMustDo) {
  const LocaliseRows rows = RowsAround(RunWithFaults(60, {0, 600}, 700), 600, 60, {});
  EXPECT_THAT(rows.reference, SizeIs(10));
}

// One column a/x, rows of the reference then rows of the fault.
Deviation DeviationOf(const std::vector<float>& before, const std::vector<float>& during) {
  Dataset dataset;
  dataset.columns = {"a/x"};
  Run run;
  run.values.resize(static_cast<Eigen::Index>(before.size() + during.size()), 1);
  LocaliseRows rows;
  for (size_t r = 0; r < before.size(); ++r) {
    run.values(static_cast<Eigen::Index>(r), 0) = before[r];
    rows.reference.push_back(r);
  }
  rows.begin = before.size();
  rows.end = before.size() + during.size();
  for (size_t r = 0; r < during.size(); ++r)
    run.values(static_cast<Eigen::Index>(rows.begin + r), 0) = during[r];
  return Deviations(dataset, run, rows).at(0);
}

TEST(Deviation, RisesAndDropsGoTheirOwnWays) {
  const Deviation up = DeviationOf({1, 1, 1, 1}, {3, 3, 3, 3});
  EXPECT_GT(up.rise, 1);
  EXPECT_EQ(up.drop, 0);
  EXPECT_EQ(up.before, 1);
  EXPECT_EQ(up.during, 3);
  const Deviation down = DeviationOf({3, 3, 3, 3}, {1, 1, 1, 1});
  EXPECT_GT(down.drop, 1);
  EXPECT_EQ(down.rise, 0);
}

TEST(Deviation, AColumnThatOftenMovesSoFarHasNotMoved) {
  const std::vector<float> restless = {1, 9, 2, 8, 1, 9, 2, 8};
  EXPECT_LT(DeviationOf(restless, {9, 9, 9, 9}).rise, DeviationOf({5, 5, 5, 5}, {9, 9, 9, 9}).rise);
}

TEST(Deviation, AShortFaultIsNotDilutedAndASlowOneNotMissed) {
  std::vector<float> spell(64, 1.0F);
  std::fill(spell.begin(), spell.begin() + 4, 5.0F);
  EXPECT_EQ(DeviationOf({1, 1, 1, 1}, spell).during, 5);
  std::vector<float> slow(64, 1.0F);
  std::fill(slow.begin() + 16, slow.end(), 5.0F);
  EXPECT_EQ(DeviationOf({1, 1, 1, 1}, slow).during, 5);
}

TEST(Deviation, OneOutlierAmongTheFaultsRowsIsNoMovement) {
  EXPECT_EQ(DeviationOf({1, 1, 1, 1}, {1, 900, 1, 1}).rise, 0);
}

TEST(Deviation, MissingValuesAreLeftOut) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(DeviationOf({1, none, 1, 1}, {none, 3, 3, none}).during, 3);
  EXPECT_FALSE(DeviationOf({1, 1}, {none, none}).measured);
  EXPECT_FALSE(DeviationOf({none, none}, {1, 1}).measured);
  EXPECT_FALSE(DeviationOf({}, {1, 1}).measured);
}

TEST(Deviation, AConstantColumnDoesNotMoveEvenAtZero) {
  EXPECT_EQ(DeviationOf({0, 0, 0}, {0, 0, 0}).rise, 0);
  EXPECT_EQ(DeviationOf({7, 7, 7}, {7, 7, 7}).rise, 0);
  EXPECT_GT(DeviationOf({0, 0, 0}, {4, 4, 4}).rise, 0);
}

TEST(LocalisationAccuracy, CountsTheTrueServiceAmongTheFirstK) {
  LocalisationAccuracy accuracy;
  for (const size_t rank : {1, 2, 5, 0}) accuracy.Add(rank);
  EXPECT_EQ(accuracy.events(), 4);
  EXPECT_DOUBLE_EQ(accuracy.At(1), 0.25);
  EXPECT_DOUBLE_EQ(accuracy.At(3), 0.5);
  EXPECT_DOUBLE_EQ(accuracy.At(5), 0.75);
  EXPECT_DOUBLE_EQ(accuracy.Average(), (0.25 + 0.5 + 0.5 + 0.5 + 0.75) / 5);
  EXPECT_TRUE(std::isnan(LocalisationAccuracy().At(1)));
}

RC_GTEST_PROP(LocalisationAccuracy, EqualsCountingOneByOne, (const std::vector<uint8_t>& ranks)) {
  RC_PRE(!ranks.empty());
  LocalisationAccuracy accuracy;
  for (const uint8_t rank : ranks) accuracy.Add(rank);
  for (int k = 1; k <= 5; ++k) {
    const auto hits = std::count_if(ranks.begin(), ranks.end(),
                                    [k](uint8_t rank) { return rank >= 1 && rank <= k; });
    RC_ASSERT(accuracy.At(k) == static_cast<double>(hits) / static_cast<double>(ranks.size()));
  }
}

TEST(RankOf, CountsFromOneAndIsZeroForAStranger) {
  EXPECT_EQ(RankOf("b", {"a", "b"}), 2U);
  EXPECT_EQ(RankOf("c", {"a", "b"}), 0U);
}

}  // namespace
}  // namespace grayling
