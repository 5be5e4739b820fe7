#pragma once

#include <memory>
#include <string>

#include "probe/containers/container_finder.h"
#include "probe/exporter/container_sample.h"
#include "probe/exporter/task_delays.h"
#include "probe/kernel/files.h"
#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// Watches one container through files and a socket that stay open. Not thread-safe.
class ContainerWatch {
 public:
  // Error when the container has left.
  static Result<std::unique_ptr<ContainerWatch>> Open(const Container& container);

  // `net_dev` is the text of the host's /proc/net/dev, `buffer` scratch space. Error when the
  // container has left.
  Result<ContainerSample> Sample(std::string_view net_dev, std::string& buffer);

  const Container& container() const { return container_; }
  const std::string& label() const { return label_; }  // container_name="..."
  std::uint32_t ipv4() const { return ipv4_; }         // network byte order; 0 without

 private:
  explicit ContainerWatch(const Container& container);

  void SampleCgroup(ContainerSample& sample, std::string& buffer);
  void SampleTcpCounters(ContainerSample& sample, std::string& buffer);
  void SampleConnections(ContainerSample& sample, std::string& buffer);
  void SampleLink(ContainerSample& sample, std::string_view net_dev) const;

  Container container_;
  std::string label_;
  std::uint32_t ipv4_ = 0;
  KeptFile cpu_stat_, cpu_pressure_, memory_pressure_, io_pressure_;
  KeptFile memory_current_, memory_stat_, memory_events_, io_stat_, threads_;
  KeptFile snmp_, netstat_, sockstat_, sockstat6_;
  NetlinkSocket connections_;
  bool has_connections_ = false;
  TaskDelays delays_;
};

}  // namespace grayling::probe
