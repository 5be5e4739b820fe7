#include "daemon/rpc/ingest_stream.h"

#include "base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/metric_service_fixture.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As a script sees it.
class IngestStreamTest : public MetricServiceFixture {
 protected:
  static v1::IngestSamplesRequest Message(const std::string& series, int samples) {
    v1::IngestSamplesRequest request;
    v1::IngestedSeries& one = *request.add_series();
    one.set_text(series);
    for (int i = 0; i < samples; ++i) {
      one.add_times_ms(1000 + i);
      one.add_values(i);
    }
    return request;
  }
  // Sends one message and ends the stream.
  grpc::Status Send(const v1::IngestSamplesRequest& request) {
    grpc::ClientContext context;
    const auto stream = stub_->IngestSamples(&context);
    stream->Write(request);
    stream->WritesDone();
    for (v1::IngestSamplesResponse answer; stream->Read(&answer);) {
      durable_ = answer.durable_samples();
    }
    return stream->Finish();
  }

  uint64_t durable_ = 0;
};

TEST_F(IngestStreamTest, TheLastAnswerCountsAllSamples) {
  ASSERT_TRUE(Send(Message("m{b=\"2\",a=\"1\"}", 3)).ok());
  EXPECT_EQ(durable_, 3u);
  ASSERT_EQ(samples_.Batches().size(), 1u);
  EXPECT_THAT(samples_.Batches()[0].times_ms, ElementsAre(1000, 1001, 1002));
  EXPECT_THAT(*samples_.ListSeries(), ElementsAre("m{a=\"1\",b=\"2\"}"));
}

TEST_F(IngestStreamTest, AScriptMayWaitForEachAnswer) {
  grpc::ClientContext context;
  const auto stream = stub_->IngestSamples(&context);
  for (uint64_t sent = 1; sent <= 20; ++sent) {
    ASSERT_TRUE(stream->Write(Message("m", 1)));
    v1::IngestSamplesResponse answer;
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.durable_samples(), sent);
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(IngestStreamTest, TakesMoreThanMayWaitWhenTheClientReadsLate) {
  grpc::ClientContext context;
  const auto stream = stub_->IngestSamples(&context);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(stream->Write(Message("m", 1000)));
  stream->WritesDone();
  uint64_t durable = 0;
  for (v1::IngestSamplesResponse answer; stream->Read(&answer);) {
    EXPECT_GT(answer.durable_samples(), durable);
    durable = answer.durable_samples();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(durable, 300'000u);
}

TEST_F(IngestStreamTest, TakesANameWithLabels) {
  v1::IngestSamplesRequest request;
  v1::IngestedSeries& series = *request.add_series();
  series.set_metric("m");
  (*series.mutable_labels())["z"] = "1";
  (*series.mutable_labels())["a"] = "q\"";
  series.add_times_ms(5);
  series.add_values(7);
  ASSERT_TRUE(Send(request).ok());
  EXPECT_THAT(*samples_.ListSeries(), ElementsAre("m{a=\"q\\\"\",z=\"1\"}"));
}

TEST_F(IngestStreamTest, AWrongMessageEndsTheStreamAndLeavesNothing) {
  const auto refusal = [&](v1::IngestSamplesRequest request) {
    *request.add_series() = Message("good", 1).series(0);
    const grpc::Status status = Send(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  v1::IngestSamplesRequest uneven = Message("m", 2);
  uneven.mutable_series(0)->add_values(1);
  EXPECT_THAT(refusal(uneven), HasSubstr("2 times and 3 values"));
  v1::IngestSamplesRequest early = Message("m", 1);
  early.mutable_series(0)->set_times_ms(0, -1);
  EXPECT_THAT(refusal(early), HasSubstr("1970"));
  EXPECT_THAT(refusal(Message("m{a=\"1\",a=\"2\"}", 1)), HasSubstr("'a' twice"));
  EXPECT_THAT(refusal(Message("m{a=\"1\"", 1)), HasSubstr("'}' is missing"));
  EXPECT_THAT(refusal(Message("m{__name__=\"n\"}", 1)), HasSubstr("'__name__'"));
  v1::IngestSamplesRequest nameless;
  nameless.add_series()->set_metric("m");
  (*nameless.mutable_series(0)->mutable_labels())[""] = "x";
  EXPECT_THAT(refusal(nameless), HasSubstr("has no name"));
  EXPECT_THAT(refusal(Message("", 1)), HasSubstr("neither text nor metric"));
  EXPECT_THAT(refusal(Message("m", 100'000)), HasSubstr("more than 100000"));
  EXPECT_TRUE(samples_.Batches().empty());
}

TEST_F(IngestStreamTest, TheStoresRefusalEndsTheStream) {
  samples_.Refuse(absl::ResourceExhaustedError("the disk is full"));
  const grpc::Status status = Send(Message("m", 1));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(IngestStreamTest, AClientMayLeaveAtAnyTime) {
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    const auto stream = stub_->IngestSamples(&context);
    stream->Write(Message("m", 100));
    context.TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }
  EXPECT_TRUE(Send(Message("m", 1)).ok());
}

TEST_F(IngestStreamTest, PinsAreMadeListedAndDeleted) {
  v1::CreatePinRequest create;
  create.set_pin_id("good");
  ToProto(kNow, create.mutable_pin()->mutable_start_time());
  v1::Pin pin;
  grpc::ClientContext first;
  ASSERT_TRUE(stub_->CreatePin(&first, create, &pin).ok());
  EXPECT_EQ(pin.name(), "pins/good");
  v1::ListPinsResponse list;
  grpc::ClientContext second;
  ASSERT_TRUE(stub_->ListPins(&second, v1::ListPinsRequest(), &list).ok());
  EXPECT_EQ(list.pins_size(), 1);
  v1::DeletePinRequest remove;
  remove.set_name("pins/good");
  v1::DeletePinResponse answer;
  grpc::ClientContext third;
  ASSERT_TRUE(stub_->DeletePin(&third, remove, &answer).ok());
  EXPECT_THAT(answer.consequence(), HasSubstr("--retention"));
}

}  // namespace
}  // namespace grayling
