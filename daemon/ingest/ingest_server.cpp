#include "daemon/ingest/ingest_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr size_t kThreads = 16;
constexpr time_t kBetweenRequestsS = 1;
constexpr time_t kForOneReadS = 10;
constexpr char kContentLength[] = "Content-Length";

void Answer(HttpAnswer answer, httplib::Response& response) {
  response.status = answer.status;
  if (answer.status != 204) response.set_content(answer.sentence + "\n", "text/plain");
}

// The unread rest of a refused body would be taken for the next request.
void RefuseUnread(HttpAnswer answer, httplib::Response& response) {
  response.set_header("Connection", "close");
  Answer(std::move(answer), response);
}

HttpAnswer TooLarge(size_t limit) {
  return {413, absl::StrCat("the body has more than ", limit, " bytes; send fewer samples")};
}

void Receive(RemoteWrite& remote_write, const httplib::Request& request,
             httplib::Response& response, const httplib::ContentReader& read) {
  HttpAnswer headers = RemoteWrite::Check(
      {request.get_header_value("Content-Type"), request.get_header_value("Content-Encoding"),
       request.get_header_value("X-Prometheus-Remote-Write-Version")});
  if (headers.status != 204) return RefuseUnread(std::move(headers), response);
  const size_t limit = remote_write.limits().body_bytes;
  std::string body;
  if (request.has_header(kContentLength)) {
    const auto length = request.get_header_value<uint64_t>(kContentLength);
    if (length > limit) return RefuseUnread(TooLarge(limit), response);
    body.reserve(length);
  }
  const bool whole = read([&](const char* data, size_t size) {
    if (size > limit - body.size()) return false;
    body.append(data, size);
    return true;
  });
  if (!whole) return RefuseUnread(TooLarge(limit), response);
  Answer(remote_write.Take(body, absl::StrCat("remoteWrite/", request.remote_addr)), response);
}

}  // namespace

IngestServer::IngestServer() : server_(std::make_unique<httplib::Server>()) {}

absl::StatusOr<std::unique_ptr<IngestServer>> IngestServer::Start(const std::string& address,
                                                                  RemoteWrite& remote_write) {
  auto server = absl::WrapUnique(new IngestServer());
  httplib::Server& http = *server->server_;
  // The library takes ownership.
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // Without SO_REUSEPORT, the library's choice, by which two daemons would share one port.
  http.set_socket_options([](int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  http.set_tcp_nodelay(true);
  http.set_keep_alive_timeout(kBetweenRequestsS);
  http.set_keep_alive_max_count(1'000'000);
  http.set_read_timeout(kForOneReadS);
  http.set_write_timeout(kForOneReadS);
  http.Post("/api/v1/write",
            [&remote_write](const httplib::Request& request, httplib::Response& response,
                            const httplib::ContentReader& read) {
              Receive(remote_write, request, response, read);
            });
  http.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    response.set_content(absl::StrCat("nothing is taken at ", request.method, " ", request.path,
                                      "; send remote write to POST /api/v1/write\n"),
                         "text/plain");
  });
  GRAYLING_RETURN_IF_ERROR(server->Bind(address));
  server->thread_ = std::thread([&http] { http.listen_after_bind(); });
  while (!http.is_running()) std::this_thread::yield();
  return server;
}

absl::Status IngestServer::Bind(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--ingest-address ", address, " is no HOST:PORT; write 127.0.0.1:9437"));
  }
  const std::string host = address.substr(0, colon);
  if (port == 0) {
    port = server_->bind_to_any_port(host.c_str());
  } else if (!server_->bind_to_port(host.c_str(), port)) {
    port = -1;
  }
  if (port < 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on --ingest-address ", address,
                                               "; choose another, port 0 picks one"));
  }
  address_ = absl::StrCat(host, ":", port);
  return absl::OkStatus();
}

IngestServer::~IngestServer() {
  if (!thread_.joinable()) return;
  server_->stop();
  thread_.join();
}

}  // namespace grayling
