#include "daemon/rpc/metric_query.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr absl::Time kStart = absl::FromUnixMillis(kStartMs);

class MetricQueryTest : public ::testing::Test {
 protected:
  void Add(const std::string& series, int64_t offset_ms, double value) {
    SampleBatch batch;
    batch.time_ms = kStartMs + offset_ms;
    batch.series = {*samples_.Intern(series)};
    batch.values = {value};
    ASSERT_TRUE(samples_.Append(batch).ok());
  }
  v1::QueryRangeRequest Request(const std::string& selector, absl::Duration length) {
    v1::QueryRangeRequest request;
    request.set_selector(selector);
    ToProto(kStart, request.mutable_start_time());
    ToProto(kStart + length, request.mutable_end_time());
    return request;
  }
  absl::Status Query(const v1::QueryRangeRequest& request) {
    parts_.clear();
    return QuerySamples(request, kStart + absl::Hours(1), samples_,
                        [this](const v1::QueryRangeResponse& part) {
                          parts_.push_back(part);
                          return parts_.size() < stop_after_;
                        });
  }
  // "series offset_ms=value ..." of every series in every message.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const v1::QueryRangeResponse& part : parts_) {
      for (const v1::SeriesSamples& series : part.series()) {
        std::string line = series.series();
        for (int i = 0; i < series.times_ms_size(); ++i) {
          absl::StrAppend(&line, " ", series.times_ms(i) - kStartMs, "=", series.values(i));
        }
        lines.push_back(line);
      }
    }
    return lines;
  }

  MemorySampleStore samples_;
  std::vector<v1::QueryRangeResponse> parts_;
  size_t stop_after_ = 1'000'000;
};

TEST_F(MetricQueryTest, AnswersASelectorBySeries) {
  Add("cpu{host=\"a\"}", 0, 1);
  Add("cpu{host=\"b\"}", 0, 2);
  Add("memory{host=\"a\"}", 0, 3);
  Add("cpu{host=\"a\"}", 1000, 4);
  Add("cpu{host=\"a\"}", 2000, 5);
  ASSERT_TRUE(Query(Request("cpu{host=~\"a|b\"}", absl::Seconds(2))).ok());
  EXPECT_THAT(Lines(), ElementsAre("cpu{host=\"a\"} 0=1 1000=4", "cpu{host=\"b\"} 0=2"));
}

TEST_F(MetricQueryTest, ASelectorAndATextBothHold) {
  Add("cpu{host=\"a\"}", 0, 1);
  Add("cpu{host=\"b\"}", 0, 2);
  v1::QueryRangeRequest request = Request("cpu", absl::Seconds(1));
  request.set_contains("\"b\"");
  ASSERT_TRUE(Query(request).ok());
  EXPECT_THAT(Lines(), ElementsAre("cpu{host=\"b\"} 0=2"));
}

TEST_F(MetricQueryTest, KeepsTheBitsOfANan) {
  Add("m", 0, StaleMarker());
  ASSERT_TRUE(Query(Request("m", absl::Seconds(1))).ok());
  ASSERT_EQ(parts_.size(), 1u);
  EXPECT_EQ(std::bit_cast<uint64_t>(parts_[0].series(0).values(0)), kStaleBits);
}

TEST_F(MetricQueryTest, AlignsToStepsFromTheStartToTheEndIncluded) {
  for (int i = -5; i <= 20; ++i) Add("requests_total", i * 1000, 10 * i);
  v1::QueryRangeRequest request = Request("requests_total", absl::Seconds(10));
  ToProto(absl::Seconds(5), request.mutable_step());
  request.set_aggregation(v1::AGGREGATION_INCREASE);
  ASSERT_TRUE(Query(request).ok());
  EXPECT_THAT(Lines(), ElementsAre("requests_total 0=50 5000=50 10000=50"));
  request.set_aggregation(v1::AGGREGATION_UNSPECIFIED);
  ASSERT_TRUE(Query(request).ok());
  EXPECT_THAT(Lines(), ElementsAre("requests_total 0=0 5000=50 10000=100"));
}

TEST_F(MetricQueryTest, AStepAloneTakesEverySeries) {
  Add("a", 0, 1);
  Add("b", 0, 2);
  v1::QueryRangeRequest request = Request("", absl::Seconds(0));
  request.clear_selector();
  ToProto(absl::Seconds(1), request.mutable_step());
  ASSERT_TRUE(Query(request).ok());
  EXPECT_THAT(Lines(), ElementsAre("a 0=1", "b 0=2"));
}

TEST_F(MetricQueryTest, AMessageHasAThousandSamplesAndALongSeriesGoesOn) {
  for (int i = 0; i < 1700; ++i) Add("long", i, i);
  for (int i = 0; i < 400; ++i) Add("short", i, i);
  ASSERT_TRUE(Query(Request("", absl::Minutes(1))).ok());
  ASSERT_EQ(parts_.size(), 3u);
  EXPECT_EQ(parts_[0].series(0).values_size(), 1000);
  ASSERT_EQ(parts_[1].series_size(), 2);
  EXPECT_EQ(parts_[1].series(0).values_size(), 700);
  EXPECT_EQ(parts_[1].series(1).series(), "short");
  EXPECT_EQ(parts_[1].series(1).values_size(), 300);
  EXPECT_EQ(parts_[2].series(0).values_size(), 100);
}

TEST_F(MetricQueryTest, EndsWhenTheClientIsGone) {
  for (int i = 0; i < 3000; ++i) Add("m", i, i);
  stop_after_ = 1;
  EXPECT_EQ(Query(Request("", absl::Minutes(1))).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(parts_.size(), 1u);
}

TEST_F(MetricQueryTest, RefusesWhatItCannotAnswerInOneSentence) {
  const absl::Status selector = Query(Request("cpu{host=a}", absl::Seconds(1)));
  EXPECT_EQ(selector.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(selector.message()), HasSubstr("column 10"));

  v1::QueryRangeRequest request = Request("cpu", absl::Seconds(1));
  request.set_aggregation(v1::AGGREGATION_RATE);
  EXPECT_THAT(std::string(Query(request).message()), HasSubstr("needs a step"));
  request.mutable_step()->set_nanos(1'500'000);
  EXPECT_THAT(std::string(Query(request).message()), HasSubstr("1.5ms"));
  ToProto(absl::Seconds(-1), request.mutable_step());
  EXPECT_THAT(std::string(Query(request).message()), HasSubstr("-1s"));
  ToProto(absl::Seconds(1), request.mutable_step());
  request.set_aggregation(static_cast<v1::Aggregation>(77));
  EXPECT_THAT(std::string(Query(request).message()), HasSubstr("aggregation 77"));
  EXPECT_TRUE(parts_.empty());
}

TEST_F(MetricQueryTest, ListsTheSeriesThatASelectorTakesInPages) {
  for (const char* text : {"cpu{a=\"1\"}", "memory", "cpu{a=\"2\"}", "cpu{a=\"3\"}"}) {
    ASSERT_TRUE(samples_.Intern(text).ok());
  }
  v1::ListSeriesRequest request;
  request.set_selector("cpu{a!=\"3\"}");
  request.set_page_size(1);
  v1::ListSeriesResponse first;
  ASSERT_TRUE(ListSeriesPage(request, samples_, first).ok());
  EXPECT_THAT(first.series(), ElementsAre("cpu{a=\"1\"}"));
  request.set_page_token(first.next_page_token());
  v1::ListSeriesResponse second;
  ASSERT_TRUE(ListSeriesPage(request, samples_, second).ok());
  EXPECT_THAT(second.series(), ElementsAre("cpu{a=\"2\"}"));
  EXPECT_EQ(second.next_page_token(), "");
  request.set_selector("cpu{");
  EXPECT_EQ(ListSeriesPage(request, samples_, second).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling
