#pragma once

#include <grpcpp/server_builder.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "client/cli/cli.h"

namespace grayling {

// Serves the given fakes on a Unix socket in a fresh folder, and runs the CLI against it.
class FakeDaemon {
 public:
  explicit FakeDaemon(const std::vector<grpc::Service*>& services) {
    std::string folder = (std::filesystem::temp_directory_path() / "grayling-cli-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address(), grpc::InsecureServerCredentials());
    for (grpc::Service* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
  }
  ~FakeDaemon() {
    server_->Shutdown();
    std::filesystem::remove_all(folder_);
  }

  std::string address() const { return "unix://" + folder_ + "/daemon.sock"; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::unique_ptr<grpc::Server> server_;
};

struct Result {
  int status = 0;
  std::string out;
  std::string err;
};

inline Result RunGrayling(const std::string& address, std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  arguments.push_back("--daemon");
  arguments.push_back(address);
  Result result;
  result.status = RunCommandLine(std::move(arguments), out, err, false);
  result.out = out.str();
  result.err = err.str();
  return result;
}

}  // namespace grayling
