#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/store/temporary_folder.h"

namespace grayling {

// A real VictoriaMetrics of Debian on a free loopback port, its data in a temporary folder or in
// one that is given. Killed by its process id at the latest when the test ends.
class VictoriaMetricsServer {
 public:
  // Whether the program is there.
  static bool Installed();

  VictoriaMetricsServer() : data_(folder_.File("data")) {}
  explicit VictoriaMetricsServer(std::string data) : data_(std::move(data)) {}
  ~VictoriaMetricsServer() { Kill(); }
  VictoriaMetricsServer(const VictoriaMetricsServer&) = delete;
  VictoriaMetricsServer& operator=(const VictoriaMetricsServer&) = delete;

  // Starts it, at the same address and with the same data as before; true once it answers.
  bool Start(const std::vector<std::string>& flags = {});
  // As kill -9 does.
  void Kill();

  std::string url() const;

 private:
  TemporaryFolder folder_;
  const std::string data_;
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace grayling
