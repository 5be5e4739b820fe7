#include "daemon/load/jtl_counter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

JtlRow Row(absl::string_view label, int64_t elapsed_ms) {
  JtlRow row;
  row.label = label;
  row.elapsed_ms = elapsed_ms;
  row.response_code = "200";
  row.success = true;
  row.bytes = 1000;
  row.all_users = 7;
  return row;
}

class JtlCounterTest : public ::testing::Test {
 protected:
  std::map<std::string, double> EndSecond() {
    const auto samples = meter_.EndSecond(absl::Seconds(1), counter_.users());
    return {samples.begin(), samples.end()};
  }

  LoadMeter meter_;
  JtlCounter counter_{meter_};
};

TEST_F(JtlCounterTest, CountsSamplesAsTheBuiltInGeneratorCountsRequests) {
  counter_.Count(Row("get_owner", 10));
  counter_.Count(Row("get_owner", 30));
  JtlRow failed = Row("list_vets", 50);
  failed.success = false;
  failed.response_code = "500";
  counter_.Count(failed);
  const auto report = EndSecond();
  EXPECT_THAT(report, Contains(Pair("client_requests_total", 3)));
  EXPECT_THAT(report, Contains(Pair("client_errors_total", 1)));
  EXPECT_THAT(report, Contains(Pair("client_users", 7)));
  EXPECT_THAT(report, Contains(Pair("client_latency_seconds_mean", DoubleNear(0.030, 1e-9))));
  EXPECT_THAT(report, Contains(Pair("client_route_latency_seconds_mean{route=\"get_owner\"}",
                                    DoubleNear(0.020, 1e-9))));
  EXPECT_EQ(meter_.Statistics().response_bytes, 3000u);
}

TEST_F(JtlCounterTest, LeavesATransactionOutWhoseRequestsHaveRows) {
  JtlRow transaction = Row("buy", 40);
  transaction.response_message =
      "Number of samples in transaction : 2, number of failing samples : 0";
  counter_.Count(Row("a", 20));
  counter_.Count(Row("b", 20));
  counter_.Count(transaction);
  EXPECT_EQ(counter_.requests(), 2u);
}

TEST_F(JtlCounterTest, CountsTransactionsWhereThereIsNothingElse) {
  JtlRow transaction = Row("buy", 40);
  transaction.response_message =
      "Number of samples in transaction : 2, number of failing samples : 0";
  counter_.Count(transaction);
  counter_.Count(transaction);
  EXPECT_EQ(counter_.requests(), 2u);
}

TEST_F(JtlCounterTest, TakesARefusalForNoAnswerAndATimeOutForALateOne) {
  JtlRow refused = Row("a", 1);
  refused.success = false;
  refused.response_code = "Non HTTP response code: org.apache.http.conn.HttpHostConnectException";
  counter_.Count(refused);
  EXPECT_EQ(meter_.Statistics().answers, 0u);
  JtlRow late = Row("a", 10'000);
  late.success = false;
  late.response_code = "Non HTTP response code: java.net.SocketTimeoutException";
  counter_.Count(late);
  EXPECT_EQ(meter_.Statistics().errors, 2u);
  EXPECT_NEAR(meter_.Statistics().mean_ms, 10'000, 1e-9);
}

TEST_F(JtlCounterTest, PutsLabelsBeyondThe64thTogether) {
  for (int i = 0; i < 100; ++i) counter_.Count(Row(absl::StrCat("owner ", i), 10));
  const auto report = EndSecond();
  EXPECT_THAT(report, Contains(Key("client_route_latency_seconds_mean{route=\"owner 63\"}")));
  EXPECT_THAT(report, Contains(Key("client_route_latency_seconds_mean{route=\"other\"}")));
  EXPECT_THAT(report, Not(Contains(Key("client_route_latency_seconds_mean{route=\"owner 64\"}"))));
}

TEST_F(JtlCounterTest, EscapesLabels) {
  counter_.Count(Row("say \"hi\"\\", 10));
  EXPECT_THAT(EndSecond(),
              Contains(Key("client_route_latency_seconds_mean{route=\"say \\\"hi\\\"\\\\\"}")));
}

}  // namespace
}  // namespace grayling
