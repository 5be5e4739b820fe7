#include "tests/unit/probe/fake_docker.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/fault/process_identity.h"

namespace grayling::probe {

FakeDocker::FakeDocker(std::function<pid_t()> start) : start_(std::move(start)), pid_(start_()) {
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path().copy(address.sun_path, path().size());
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(listen(listener_, 8), 0);
  thread_ = std::thread([this] { Serve(); });
}

FakeDocker::~FakeDocker() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

pid_t FakeDocker::pid() const {
  const std::lock_guard<std::mutex> held(lock_);
  return pid_;
}

std::vector<std::string> FakeDocker::requests() const {
  const std::lock_guard<std::mutex> held(lock_);
  return requests_;
}

void FakeDocker::NoticeLate(int questions) {
  const std::lock_guard<std::mutex> held(lock_);
  late_ = questions;
}

void FakeDocker::RefuseToStart() {
  const std::lock_guard<std::mutex> held(lock_);
  refuses_ = true;
}

void FakeDocker::Remove() {
  const std::lock_guard<std::mutex> held(lock_);
  removed_ = true;
}

void FakeDocker::SetAutoRemove() {
  const std::lock_guard<std::mutex> held(lock_);
  auto_remove_ = true;
}

void FakeDocker::Serve() {
  while (true) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    char request[512];
    const ssize_t n = read(connection, request, sizeof request);
    const std::string answer =
        Answer(std::string(request, n > 0 ? static_cast<std::size_t>(n) : 0));
    EXPECT_EQ(write(connection, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    close(connection);
  }
}

std::string FakeDocker::Answer(const std::string& request) {
  const std::lock_guard<std::mutex> held(lock_);
  const std::string line = request.substr(0, request.find(" HTTP"));
  requests_.push_back(line);
  if (removed_) {
    return "HTTP/1.0 404 Not Found\r\n\r\n{\"message\":\"No such container: c1\"}";
  }
  if (line == "GET /containers/c1/json") return "HTTP/1.0 200 OK\r\n\r\n" + Describe();
  if (refuses_) {
    return "HTTP/1.0 500 Internal Server Error\r\n\r\n{\"message\":\"no space left on device\"}";
  }
  const bool runs = ProcessIdentity::Of(pid_).IsAlive() || late_ > 0;
  if (line == "POST /containers/c1/start" && runs) return "HTTP/1.0 304 Not Modified\r\n\r\n";
  if (line == "POST /containers/c1/start" || line == "POST /containers/c1/restart") {
    pid_ = start_();
    return "HTTP/1.0 204 No Content\r\n\r\n";
  }
  return "HTTP/1.0 400 Bad Request\r\n\r\n{}";
}

std::string FakeDocker::Describe() {
  bool runs = ProcessIdentity::Of(pid_).IsAlive();
  if (!runs && late_ > 0) {
    --late_;
    runs = true;
  }
  return std::string("{\"State\":{\"Running\":") + (runs ? "true" : "false") +
         ",\"Pid\":" + std::to_string(runs ? pid_ : 0) +
         "},\"HostConfig\":{\"AutoRemove\":" + (auto_remove_ ? "true" : "false") + "}}";
}

}  // namespace grayling::probe
