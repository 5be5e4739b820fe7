#include "daemon/ingest/remote_write.h"

#include <httplib.h>
#include <snappy.h>

#include "daemon/ingest/ingest_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/ingest/write_request_text.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// A real client of the real listener.
class RemoteWriteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = IngestServer::Start("127.0.0.1:0", remote_write_);
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = std::move(*started);
    client_ = std::make_unique<httplib::Client>("http://" + server_->address());
  }
  static httplib::Headers Headers() {
    return {{"Content-Encoding", "snappy"}, {"X-Prometheus-Remote-Write-Version", "0.1.0"}};
  }
  httplib::Result Post(const std::string& message, const httplib::Headers& headers = Headers(),
                       const char* type = "application/x-protobuf") {
    std::string body;
    snappy::Compress(message.data(), message.size(), &body);
    return client_->Post("/api/v1/write", headers, body, type);
  }

  MemorySampleStore store_;
  SampleIntake intake_{store_, {}, absl::ZeroDuration()};
  RemoteWrite remote_write_{intake_, {.body_bytes = 4096, .message_bytes = 8192}};
  std::unique_ptr<IngestServer> server_;
  std::unique_ptr<httplib::Client> client_;
};

const std::string kMessage = WriteRequestText({{{{"__name__", "up"}}, {{1, 1000}}}});

TEST_F(RemoteWriteTest, AnswersOnceTheSamplesAreDurable) {
  const auto answer = Post(kMessage);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204) << answer->body;
  ASSERT_EQ(store_.Samples().size(), 1u);
  EXPECT_EQ(store_.Samples()[0].series, "up");
  EXPECT_EQ(store_.Batches()[0].target, "remoteWrite/127.0.0.1");
  EXPECT_GE(store_.commits(), 1);
}

TEST_F(RemoteWriteTest, TakesRequestsOneAfterTheOtherOnOneConnection) {
  client_->set_keep_alive(true);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Post(kMessage)->status, 204);
  EXPECT_EQ(store_.Samples().size(), 20u);
}

TEST_F(RemoteWriteTest, RefusesForeignMediaTypes) {
  EXPECT_EQ(Post(kMessage, Headers(), "application/json")->status, 415);
  EXPECT_EQ(Post(kMessage, {{"Content-Encoding", "zstd"}})->status, 415);
  const auto second =
      Post(kMessage, Headers(), "application/x-protobuf;proto=io.prometheus.write.v2.Request");
  EXPECT_EQ(second->status, 415);
  EXPECT_THAT(second->body, HasSubstr("remote write 1.0"));
  EXPECT_EQ(Post(kMessage,
                 {{"Content-Encoding", "snappy"}, {"X-Prometheus-Remote-Write-Version", "2.0.0"}})
                ->status,
            415);
  EXPECT_TRUE(store_.Samples().empty());
}

TEST_F(RemoteWriteTest, TakesTheNamedMessageOfRemoteWriteOne) {
  const char* type = "application/x-protobuf; proto=prometheus.WriteRequest";
  EXPECT_EQ(Post(kMessage, Headers(), type)->status, 204);
}

TEST_F(RemoteWriteTest, RefusesABodyThatIsNoSnappyBlock) {
  const auto answer =
      client_->Post("/api/v1/write", Headers(), "\xff\x06\x00\x00sNaPpY", "application/x-protobuf");
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("snappy"));
}

TEST_F(RemoteWriteTest, KeepsNothingOfABadRequest) {
  const auto answer = Post(kMessage + WriteRequestText({{{{"job", "a"}}, {{1, 1}}}}));
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("__name__"));
  EXPECT_TRUE(store_.Samples().empty());
}

TEST_F(RemoteWriteTest, BoundsTheBodyAndWhatItBecomes) {
  EXPECT_EQ(Post(std::string(9000, 'a'))->status, 400);  // it compresses well
  const auto large =
      client_->Post("/api/v1/write", Headers(), std::string(5000, 'a'), "application/x-protobuf");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 413);
  EXPECT_EQ(Post(kMessage)->status, 204);
}

TEST_F(RemoteWriteTest, BoundsABodyWithoutALength) {
  const auto answer = client_->Post(
      "/api/v1/write", Headers(),
      [](size_t offset, httplib::DataSink& sink) {
        if (offset >= 40'000) {
          sink.done();
          return true;
        }
        const std::string part(1000, 'a');
        return sink.write(part.data(), part.size());
      },
      "application/x-protobuf");
  // Without an answer it was cut off while it still sent.
  if (answer) {
    EXPECT_EQ(answer->status, 413);
  }
  EXPECT_TRUE(store_.Samples().empty());
}

TEST_F(RemoteWriteTest, ASenderRepeatsWhatTheStoreRefuses) {
  store_.Refuse(absl::ResourceExhaustedError("the disk is full"));
  const auto answer = Post(kMessage);
  EXPECT_EQ(answer->status, 503);
  EXPECT_THAT(answer->body, HasSubstr("the disk is full"));
  store_.Refuse(absl::OkStatus());
  store_.FailCommits(absl::InternalError("input/output error"));
  EXPECT_EQ(Post(kMessage)->status, 500);
}

TEST_F(RemoteWriteTest, ASenderDropsWhatTheStoreWillNeverTake) {
  store_.Refuse(absl::InvalidArgumentError("a sample is more than two days ahead"));
  const auto answer = Post(kMessage);
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("two days ahead"));
}

TEST_F(RemoteWriteTest, SaysWhatItTakesElsewhere) {
  const auto answer = client_->Get("/metrics");
  EXPECT_EQ(answer->status, 404);
  EXPECT_THAT(answer->body, HasSubstr("POST /api/v1/write"));
}

TEST(IngestServerTest, RefusesAnAddressThatIsTaken) {
  MemorySampleStore store;
  SampleIntake intake(store, {});
  RemoteWrite remote_write(intake);
  const auto first = IngestServer::Start("127.0.0.1:0", remote_write);
  ASSERT_TRUE(first.ok());
  const auto second = IngestServer::Start((*first)->address(), remote_write);
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
  EXPECT_TRUE(absl::IsInvalidArgument(IngestServer::Start("9437", remote_write).status()));
}

}  // namespace
}  // namespace grayling
