#pragma once

#include <httplib.h>

#include <functional>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace grayling {

inline constexpr absl::Duration kPatience = absl::Seconds(20);

// An application on a free port that answers as PetClinic does, through a hook of the test.
class Application {
 public:
  using Hook = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit Application(Hook hook = nullptr) : hook_(std::move(hook)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(16); };
    server_.set_keep_alive_max_count(1'000'000);
    server_.set_tcp_nodelay(true);
    server_.Get(".*", [this](const auto& in, auto& out) { Answer(in, out, 200); });
    server_.Post(".*", [this](const auto& in, auto& out) { Answer(in, out, 201); });
    server_.Put(".*", [this](const auto& in, auto& out) { Answer(in, out, 204); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // A server that is stopped before it listens would listen for ever.
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Application() {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }
  // Returns false when fewer requests than that came in good time.
  bool WaitForRequests(int count) {
    const auto enough = [&] { return requests_ >= count; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
  }
  int requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }
  size_t connections() {
    absl::MutexLock lock(&mutex_);
    return ports_.size();
  }

 private:
  void Answer(const httplib::Request& in, httplib::Response& out, int status) {
    {
      absl::MutexLock lock(&mutex_);
      ++requests_;
      ports_.insert(in.remote_port);
    }
    out.status = status;
    if (status != 204) out.set_content("{\"id\":5}", "application/json");
    if (hook_) hook_(in, out);
  }

  Hook hook_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  absl::Mutex mutex_;
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<int> ports_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
