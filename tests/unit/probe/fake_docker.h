#pragma once

#include <sys/types.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {

// Docker with one container, "c1", on a Unix socket. Its process is a real one, which `start`
// makes. Behaves badly on demand: it may notice a death late, refuse to start, or have removed the
// container.
class FakeDocker {
 public:
  explicit FakeDocker(std::function<pid_t()> start);
  ~FakeDocker();

  std::string path() const { return folder_.path() + "/docker.sock"; }
  pid_t pid() const;
  std::vector<std::string> requests() const;  // "POST /containers/c1/start", in order

  // How many more questions it answers as if the dead process ran.
  void NoticeLate(int questions);
  void RefuseToStart();
  void Remove();
  void SetAutoRemove();

 private:
  void Serve();
  std::string Answer(const std::string& request);
  std::string Describe();

  const TemporaryFolder folder_;
  const std::function<pid_t()> start_;
  int listener_ = -1;
  mutable std::mutex lock_;
  pid_t pid_ = 0;
  int late_ = 0;
  bool refuses_ = false;
  bool removed_ = false;
  bool auto_remove_ = false;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace grayling::probe
