#pragma once

#include <memory>
#include <string>
#include <vector>

#include "probe/containers/container_finder.h"
#include "probe/exporter/container_watch.h"
#include "probe/exporter/node_watch.h"

namespace grayling::probe {

// Everything behind GET /metrics, without HTTP. Not thread-safe.
class Exporter {
 public:
  explicit Exporter(ContainerFinder finder = ContainerFinder());

  // Reads all watched containers. The text is valid until the next call.
  const std::string& Render();
  // Whether Render met a container that has left, so that a search is due before its time.
  bool SawOneLeave() const { return saw_one_leave_; }
  // Searches for containers; those still running keep their open files and their counters. Takes as
  // long as Docker takes to answer. A Docker that does not answer changes nothing.
  void Rediscover();

 private:
  ContainerFinder finder_;
  std::vector<std::unique_ptr<ContainerWatch>> watches_;
  NodeWatch node_;
  KeptFile net_dev_;
  std::string buffer_;
  std::string net_dev_buffer_;
  std::string out_;
  bool saw_one_leave_ = false;
};

}  // namespace grayling::probe
