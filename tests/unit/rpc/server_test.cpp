#include "daemon/rpc/server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "daemon/rpc/operation_service.h"
#include "daemon/rpc/operations.h"
#include "daemon/rpc/socket_lock.h"

namespace grayling {
namespace {

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/grayling-server-XXXXXX";
    folder_ = mkdtemp(pattern);
    socket_ = folder_ + "/socket";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_, socket_;
  SystemClock clock_;
  Operations operations_{clock_};
  OperationServiceAdapter adapter_{operations_};
};

TEST_F(ServerTest, AnswersOnItsSocketWhichOnlyOwnerAndGroupMayUse) {
  auto server = Server::Start(socket_, {&adapter_});
  ASSERT_TRUE(server.ok()) << server.status();
  struct stat status {};
  ASSERT_EQ(0, stat(socket_.c_str(), &status));
  EXPECT_EQ(0660u, status.st_mode & 0777);
  auto stub = v1::OperationService::NewStub(
      grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::ListOperationsResponse response;
  EXPECT_TRUE(stub->ListOperations(&context, {}, &response).ok());
}

TEST_F(ServerTest, RemovesItsSocketWhenItStops) {
  auto server = Server::Start(socket_, {&adapter_});
  ASSERT_TRUE(server.ok());
  (*server)->Stop(absl::Seconds(1));
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(ServerTest, SaysWhenItCannotListen) {
  auto server = Server::Start(folder_ + "/missing/socket", {&adapter_});
  EXPECT_EQ(absl::StatusCode::kUnavailable, server.status().code());
}

TEST_F(ServerTest, OneSocketHasOneDaemon) {
  auto first = SocketLock::Acquire(socket_);
  ASSERT_TRUE(first.ok());
  auto second = SocketLock::Acquire(socket_);
  EXPECT_EQ(absl::StatusCode::kFailedPrecondition, second.status().code());
  EXPECT_NE(std::string::npos, std::string(second.status().message()).find(socket_));
  first->reset();
  EXPECT_TRUE(SocketLock::Acquire(socket_).ok());
}

}  // namespace
}  // namespace grayling
