#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grayling/v1/metric.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/fake_daemon.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// Takes every sample; refuses a series called "wrong".
class FakeIntake final : public v1::MetricService::Service {
 public:
  grpc::Status IngestSamples(grpc::ServerContext*,
                             grpc::ServerReaderWriter<v1::IngestSamplesResponse,
                                                      v1::IngestSamplesRequest>* stream) override {
    v1::IngestSamplesResponse answer;
    for (v1::IngestSamplesRequest message; stream->Read(&message);) {
      messages.push_back(message);
      for (const v1::IngestedSeries& series : message.series()) {
        if (series.text() == "wrong") {
          return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the series wrong is wrong");
        }
      }
      answer.set_durable_samples(answer.durable_samples() +
                                 static_cast<uint64_t>(message.series_size()));
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }

  std::vector<v1::IngestSamplesRequest> messages;
};

class MetricIngestTest : public ::testing::Test {
 protected:
  Result Ingest(const std::string& page, std::vector<std::string> flags = {}) {
    const std::string path = daemon_.folder() + "/page";
    std::ofstream(path) << page;
    std::vector<std::string> arguments = {"metric", "ingest", path};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return RunGrayling(daemon_.address(), std::move(arguments));
  }

  FakeIntake intake_;
  FakeDaemon daemon_{{&intake_}};
};

TEST_F(MetricIngestTest, SendsEachLineWithItsStamp) {
  const Result result = Ingest("# HELP m help\nm{a=\"x\"} 1.5 1700000000123\nm 2 1700000000124\n");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "2 samples are recorded\n");
  ASSERT_EQ(intake_.messages.size(), 1u);
  const v1::IngestedSeries& first = intake_.messages[0].series(0);
  EXPECT_EQ(first.text(), "m{a=\"x\"}");
  EXPECT_EQ(first.values(0), 1.5);
  EXPECT_EQ(first.times_ms(0), 1'700'000'000'123);
}

TEST_F(MetricIngestTest, ALineWithoutAStampIsOfNow) {
  const int64_t begin_ms = absl::ToUnixMillis(absl::Now());
  ASSERT_EQ(Ingest("m 1\n").status, 0);
  EXPECT_GE(intake_.messages[0].series(0).times_ms(0), begin_ms);
  EXPECT_LE(intake_.messages[0].series(0).times_ms(0), absl::ToUnixMillis(absl::Now()));
}

TEST_F(MetricIngestTest, StampsOfOpenMetricsAreSeconds) {
  ASSERT_EQ(Ingest("m 1 1700000000.5\n# EOF\n", {"--openmetrics"}).status, 0);
  EXPECT_EQ(intake_.messages[0].series(0).times_ms(0), 1'700'000'000'500);
}

TEST_F(MetricIngestTest, ALongFileGoesInSeveralMessages) {
  std::string page;
  for (int i = 0; i < 2500; ++i) absl::StrAppend(&page, "m", i, " 1\n");
  EXPECT_EQ(Ingest(page).err, "2500 samples are recorded\n");
  EXPECT_EQ(intake_.messages.size(), 3u);
}

TEST_F(MetricIngestTest, AWrongLineIsNamedAndNothingIsSent) {
  const Result result = Ingest("m 1\nm{ 2\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("line 2"));
  EXPECT_THAT(result.err, HasSubstr("nothing was sent"));
  EXPECT_TRUE(intake_.messages.empty());
}

TEST_F(MetricIngestTest, WhatTheDaemonRefusesIsToldAfterWhatItTook) {
  std::string page;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&page, "m", i, " 1\n");
  const Result result = Ingest(page + "wrong 1\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("1000 samples are recorded"));
  EXPECT_THAT(result.err, HasSubstr("the series wrong is wrong"));
}

}  // namespace
}  // namespace grayling
