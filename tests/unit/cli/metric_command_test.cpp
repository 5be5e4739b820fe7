#include "gmock/gmock.h"
#include "grayling/v1/metric.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/fake_daemon.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kTimeMs = 1'772'360'100'000;  // 2026-03-01T10:15:00Z

// Answers every query with one series in two messages, and every list with one page.
class FakeSamples final : public v1::MetricService::Service {
 public:
  grpc::Status QueryRange(grpc::ServerContext*, const v1::QueryRangeRequest* request,
                          grpc::ServerWriter<v1::QueryRangeResponse>* writer) override {
    asked = *request;
    if (request->selector() == "cpu{") {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                          "the selector 'cpu{' is wrong at column 5: expected a label's name");
    }
    for (int i = 0; i < 2; ++i) {
      v1::QueryRangeResponse part;
      v1::SeriesSamples& samples = *part.add_series();
      samples.set_series("cpu{host=\"a\"}");
      samples.add_times_ms(kTimeMs + 1000 * i);
      samples.add_values(i + 0.5);
      writer->Write(part);
    }
    return grpc::Status::OK;
  }
  grpc::Status ListSeries(grpc::ServerContext*, const v1::ListSeriesRequest* request,
                          v1::ListSeriesResponse* response) override {
    listed = *request;
    response->add_series("cpu{host=\"a\"}");
    return grpc::Status::OK;
  }

  v1::QueryRangeRequest asked;
  v1::ListSeriesRequest listed;
};

class MetricCommandTest : public ::testing::Test {
 protected:
  Result Run(std::vector<std::string> arguments) {
    return RunGrayling(daemon_.address(), std::move(arguments));
  }

  FakeSamples samples_;
  FakeDaemon daemon_{{&samples_}};
};

TEST_F(MetricCommandTest, QueryAsksForASelectorAStepAndAnAggregation) {
  const Result result =
      Run({"metric", "query", "cpu{host=\"a\"}", "--from", "2026-03-01T10:00:00Z", "--to",
           "2026-03-01T10:20:00Z", "--step", "5s", "--as", "rate", "--contains", "h"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(samples_.asked.selector(), "cpu{host=\"a\"}");
  EXPECT_EQ(samples_.asked.contains(), "h");
  EXPECT_EQ(samples_.asked.step().seconds(), 5);
  EXPECT_EQ(samples_.asked.aggregation(), v1::AGGREGATION_RATE);
  EXPECT_EQ(samples_.asked.end_time().seconds() - samples_.asked.start_time().seconds(), 1200);
  EXPECT_EQ(result.out,
            "TIME                      SERIES         VALUE\n"
            "2026-03-01T10:15:00.000Z  cpu{host=\"a\"}  0.5\n"
            "2026-03-01T10:15:01.000Z  cpu{host=\"a\"}  1.5\n");
}

TEST_F(MetricCommandTest, QueryWithoutAStepAsksForTheSamplesAsTheyAre) {
  ASSERT_EQ(Run({"metric", "query", "cpu"}).status, 0);
  EXPECT_FALSE(samples_.asked.has_step());
  EXPECT_EQ(samples_.asked.aggregation(), v1::AGGREGATION_UNSPECIFIED);
  EXPECT_TRUE(samples_.asked.has_selector());
}

TEST_F(MetricCommandTest, QueryAsCsvPrintsOneHeaderAndTheRowsOfEveryMessage) {
  EXPECT_EQ(Run({"metric", "query", "cpu", "--output", "csv"}).out,
            "TIME,SERIES,VALUE\n"
            "2026-03-01T10:15:00.000Z,\"cpu{host=\"\"a\"\"}\",0.5\n"
            "2026-03-01T10:15:01.000Z,\"cpu{host=\"\"a\"\"}\",1.5\n");
}

TEST_F(MetricCommandTest, QueryAsJsonJoinsASeriesThatCameInSeveralMessages) {
  const Result result = Run({"metric", "query", "cpu", "--output", "json"});
  const size_t first = result.out.find("cpu{host=");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(result.out.find("cpu{host=", first + 1), std::string::npos);
  EXPECT_THAT(result.out, HasSubstr("\"timesMs\""));
}

TEST_F(MetricCommandTest, QueryRefusesWrongUseAndPassesTheDaemonsSentenceOn) {
  EXPECT_EQ(Run({"metric", "query", "cpu", "--as", "rate"}).status, 2);
  EXPECT_EQ(Run({"metric", "query", "cpu", "--step", "5s", "--as", "median"}).status, 2);
  const Result wrong = Run({"metric", "query", "cpu{"});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("column 5"));
}

TEST_F(MetricCommandTest, SeriesListsWhatASelectorTakes) {
  const Result result = Run({"metric", "series", "cpu{host!=\"b\"}"});
  EXPECT_EQ(samples_.listed.selector(), "cpu{host!=\"b\"}");
  EXPECT_EQ(result.out, "SERIES\ncpu{host=\"a\"}\n");
}

}  // namespace
}  // namespace grayling
