#pragma once

#include <sys/types.h>

#include <string>

namespace grayling::probe {

// A fresh folder that is removed, with all its content, at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

// Waits, without polling, until the process has ended; false after ten seconds.
bool WaitForProcessToEnd(pid_t pid);

}  // namespace grayling::probe
