#include "gmock/gmock.h"
#include "grayling/v1/metric.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/fake_daemon.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

class FakePins final : public v1::MetricService::Service {
 public:
  grpc::Status CreatePin(grpc::ServerContext*, const v1::CreatePinRequest* request,
                         v1::Pin* pin) override {
    created = *request;
    *pin = request->pin();
    pin->set_name("pins/" + request->pin_id());
    return grpc::Status::OK;
  }
  grpc::Status DeletePin(grpc::ServerContext*, const v1::DeletePinRequest* request,
                         v1::DeletePinResponse* response) override {
    deleted = request->name();
    response->set_consequence("it is kept no longer");
    return grpc::Status::OK;
  }

  v1::CreatePinRequest created;
  std::string deleted;
};

class MetricPinTest : public ::testing::Test {
 protected:
  Result Run(std::vector<std::string> arguments) {
    return RunGrayling(daemon_.address(), std::move(arguments));
  }

  FakePins pins_;
  FakeDaemon daemon_{{&pins_}};
};

TEST_F(MetricPinTest, AddKeepsASpanOfTime) {
  const Result result = Run({"metric", "pin", "add", "good", "--from", "2026-03-01T10:00:00Z",
                             "--to", "2026-03-01T12:00:00Z", "--note", "two good hours"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(pins_.created.pin_id(), "good");
  EXPECT_EQ(pins_.created.pin().note(), "two good hours");
  const v1::Pin& pin = pins_.created.pin();
  EXPECT_EQ(pin.end_time().seconds() - pin.start_time().seconds(), 7200);
  EXPECT_THAT(result.out, HasSubstr("pins/good"));
}

TEST_F(MetricPinTest, AddWithoutAnEndStaysOpen) {
  ASSERT_EQ(Run({"metric", "pin", "add", "open", "--from", "5m"}).status, 0);
  EXPECT_FALSE(pins_.created.pin().has_end_time());
  EXPECT_EQ(Run({"metric", "pin", "add", "open"}).status, 2);
}

TEST_F(MetricPinTest, RemoveSaysWhatItMeans) {
  const Result result = Run({"metric", "pin", "remove", "good"});
  EXPECT_EQ(pins_.deleted, "pins/good");
  EXPECT_EQ(result.err, "pins/good removed: it is kept no longer\n");
}

}  // namespace
}  // namespace grayling
