#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grayling {

// The gRPC server on one Unix socket (mode 0660), with health checking and reflection.
class Server {
 public:
  // Starts serving at once. `services` outlive the server; the caller holds the SocketLock.
  // UNAVAILABLE when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const std::string& socket_path,
                                                       const std::vector<grpc::Service*>& services);
  ~Server();

  // Answers NOT_SERVING, takes no new call, gives running ones `grace`, then cancels them.
  void Stop(absl::Duration grace);

 private:
  Server(std::unique_ptr<grpc::Server> server, std::string path)
      : server_(std::move(server)), path_(std::move(path)) {}
  std::unique_ptr<grpc::Server> server_;
  const std::string path_;
};

}  // namespace grayling
