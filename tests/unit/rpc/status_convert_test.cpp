#include "daemon/rpc/status_convert.h"

#include <gtest/gtest.h>

#include "grayling/v1/error.pb.h"

namespace grayling {
namespace {

TEST(StatusConvert, KeepsCodeAndSentenceAndAddsAReason) {
  const grpc::Status status = ToGrpc(absl::NotFoundError("no VM is called vms/x"));
  EXPECT_EQ(grpc::StatusCode::NOT_FOUND, status.error_code());
  EXPECT_EQ("no VM is called vms/x", status.error_message());
  v1::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(status.error_details()));
  EXPECT_EQ("NOT_FOUND", info.reason());
  EXPECT_EQ("grayling", info.domain());
}

TEST(StatusConvert, SaysNothingOnSuccess) {
  const grpc::Status status = ToGrpc(absl::OkStatus());
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(status.error_details().empty());
}

}  // namespace
}  // namespace grayling
