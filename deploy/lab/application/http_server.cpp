#include "deploy/lab/application/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "deploy/lab/application/connection_stream.h"

namespace grayling::lab {

// cpp-httplib's request parser and response writer, given one handler for everything: its own
// routing matches one regular expression after the other, which is slow under emulation.
class HttpEngine final : public httplib::Server {
 public:
  explicit HttpEngine(std::function<Reply(Call&)> handle) : handle_(std::move(handle)) {
    set_keep_alive_timeout(3600);
    set_keep_alive_max_count(1'000'000);
    set_payload_max_length(1 << 20);
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
      Handle(request, response);
    };
    Get("/.*", handler);
    Post("/.*", handler);
    Put("/.*", handler);
    Delete("/.*", handler);
  }

  // One request from `stream`, answered. False when the connection is to be closed.
  bool ServeOne(ConnectionStream& stream) {
    bool closed = false;
    const bool served = process_request(stream, /*close_connection=*/false, closed, nullptr);
    return stream.Flush() && served && !closed;
  }

 private:
  void Handle(const httplib::Request& request, httplib::Response& response) const {
    Call call;
    call.method = request.method;
    call.path = request.path;
    call.target = request.target;
    call.body = request.body;
    call.content_type = request.get_header_value("Content-Type");
    call.query.insert(request.params.begin(), request.params.end());
    Reply reply = handle_(call);
    response.status = reply.status;
    if (!reply.body.empty()) {
      response.set_header("Content-Type", reply.content_type);
      response.body = std::move(reply.body);
    }
  }

  std::function<Reply(Call&)> handle_;
};

HttpServer::HttpServer(int workers, std::function<Reply(Call&)> handle)
    : workers_(workers), engine_(std::make_unique<HttpEngine>(std::move(handle))) {}

HttpServer::~HttpServer() { Stop(); }

absl::Status HttpServer::Start(const std::string& host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen address '", host, "' is not an IPv4 address; use 0.0.0.0 for all"));
  }
  listen_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_CLOEXEC);
  const int on = 1;
  setsockopt(listen_fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof(address);
  if (bind(listen_fd_, raw, length) != 0 || listen(listen_fd_, 128) != 0 ||
      getsockname(listen_fd_, raw, &length) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", host, ":", port, ": ", strerror(errno)));
  }
  port_ = ntohs(address.sin_port);
  for (const int fd : {listen_fd_, wake_fd_}) {
    epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  }
  poller_ = std::thread([this] { PollLoop(); });
  for (int i = 0; i < workers_; ++i) worker_threads_.emplace_back([this] { WorkLoop(); });
  return absl::OkStatus();
}

void HttpServer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (poller_.joinable()) {
    const uint64_t one = 1;
    // An eventfd at zero takes one more without blocking.
    [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
    poller_.join();
  }
  for (std::thread& worker : worker_threads_) worker.join();
  worker_threads_.clear();
  {
    absl::MutexLock lock(&mutex_);
    idle_.clear();
    ready_.clear();
  }
  for (int* fd : {&listen_fd_, &epoll_fd_, &wake_fd_}) {
    if (*fd >= 0) close(std::exchange(*fd, -1));
  }
}

void HttpServer::PollLoop() {
  std::array<epoll_event, 64> events;
  while (true) {
    const int count = epoll_wait(epoll_fd_, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == wake_fd_) return;
      if (fd == listen_fd_) {
        Accept();
        continue;
      }
      absl::MutexLock lock(&mutex_);
      const auto found = idle_.find(fd);
      if (found == idle_.end()) continue;
      ready_.push_back(std::move(found->second));
      idle_.erase(found);
    }
  }
}

void HttpServer::Accept() {
  while (true) {
    const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++accepted_;
    epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data = {.fd = fd}};
    absl::MutexLock lock(&mutex_);
    idle_[fd] = std::make_unique<ConnectionStream>(fd);
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  }
}

void HttpServer::WorkLoop() {
  while (true) {
    Stream stream;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !ready_.empty();
      };
      mutex_.Await(absl::Condition(&has_work));
      if (stopping_) return;
      stream = std::move(ready_.front());
      ready_.pop_front();
    }
    Serve(std::move(stream));
  }
}

void HttpServer::Serve(Stream stream) {
  do {
    if (!engine_->ServeOne(*stream)) return;
  } while (stream->HasInput());
  WaitForInput(std::move(stream));
}

void HttpServer::WaitForInput(Stream stream) {
  const int fd = stream->socket();
  epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data = {.fd = fd}};
  absl::MutexLock lock(&mutex_);
  idle_[fd] = std::move(stream);
  epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event);
}

}  // namespace grayling::lab
