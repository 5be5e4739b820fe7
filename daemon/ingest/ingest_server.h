#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/remote_write.h"

namespace httplib {
class Server;
}

namespace grayling {

// The HTTP listener for samples: POST /api/v1/write. Sixteen threads; a connection holds one while
// it sends, and for at most a second between its requests. Plain HTTP without a password: keep it
// on a loopback address or behind a proxy. Thread-safe.
class IngestServer {
 public:
  // `address` is HOST:PORT, port 0 picks a free one. UNAVAILABLE when it cannot be bound.
  // `remote_write` must outlive the server.
  static absl::StatusOr<std::unique_ptr<IngestServer>> Start(const std::string& address,
                                                             RemoteWrite& remote_write);
  // Ends after the requests under way.
  ~IngestServer();
  IngestServer(const IngestServer&) = delete;

  // HOST:PORT with the port that was bound.
  const std::string& address() const { return address_; }

 private:
  IngestServer();
  absl::Status Bind(const std::string& address);

  std::unique_ptr<httplib::Server> server_;
  std::string address_;
  std::thread thread_;
};

}  // namespace grayling
