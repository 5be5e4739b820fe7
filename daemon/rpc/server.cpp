#include "daemon/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace grayling {

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const std::string& socket_path,
                                                      const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + socket_path, grpc::InsecureServerCredentials());
  builder.SetMaxReceiveMessageSize(64 << 20);
  for (grpc::Service* service : services) builder.RegisterService(service);
  auto server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", socket_path,
                                               "; a socket path may have at most 107 characters"));
  }
  chmod(socket_path.c_str(), 0660);
  return absl::WrapUnique(new Server(std::move(server), socket_path));
}

void Server::Stop(absl::Duration grace) {
  if (server_ == nullptr) return;
  if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(false);
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
  server_->Wait();
  server_.reset();
  unlink(path_.c_str());
}

Server::~Server() { Stop(absl::ZeroDuration()); }

}  // namespace grayling
