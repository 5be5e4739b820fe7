#include "probe/exporter/container_watch.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <charconv>

#include "probe/exporter/exposition.h"
#include "probe/kernel/kernel_text.h"
#include "probe/kernel/net_namespace.h"
#include "probe/kernel/tcp_sockets.h"

namespace grayling::probe {
namespace {

constexpr std::uint32_t kRecentMs = 2000;
constexpr std::uint16_t kFirstEphemeralPort = 32768;  // Linux's default range begins here

double ScaledOr(const std::optional<std::uint64_t>& value, double scale) {
  return value ? static_cast<double>(*value) * scale : kUnknown;
}

// A file that this kernel does not have leaves its metrics out.
KeptFile OpenOrNone(const std::string& path) {
  Result<KeptFile> file = KeptFile::Open(path);
  return file.ok() ? std::move(*file) : KeptFile();
}

std::string_view ReadOrNothing(const KeptFile& file, std::string& buffer) {
  if (!file.valid()) return {};
  Result<std::string_view> text = file.Read(buffer);
  return text.ok() ? *text : std::string_view();
}

struct Mean {
  double sum = 0;
  int count = 0;
  void Add(double value) {
    sum += value;
    ++count;
  }
  double Value() const { return count == 0 ? kUnknown : sum / count; }
};

}  // namespace

ContainerWatch::ContainerWatch(const Container& container)
    : container_(container), label_(LabelText("container_name", container.name)) {
  in_addr address{};
  if (inet_pton(AF_INET, container.ip.c_str(), &address) == 1) ipv4_ = address.s_addr;
  const std::string& folder = container.cgroup;
  cpu_stat_ = OpenOrNone(folder + "/cpu.stat");
  cpu_pressure_ = OpenOrNone(folder + "/cpu.pressure");
  memory_pressure_ = OpenOrNone(folder + "/memory.pressure");
  io_pressure_ = OpenOrNone(folder + "/io.pressure");
  memory_current_ = OpenOrNone(folder + "/memory.current");
  memory_stat_ = OpenOrNone(folder + "/memory.stat");
  memory_events_ = OpenOrNone(folder + "/memory.events");
  io_stat_ = OpenOrNone(folder + "/io.stat");
  const std::string process = "/proc/" + std::to_string(container.pid);
  snmp_ = OpenOrNone(process + "/net/snmp");
  netstat_ = OpenOrNone(process + "/net/netstat");
  sockstat_ = OpenOrNone(process + "/net/sockstat");
  sockstat6_ = OpenOrNone(process + "/net/sockstat6");
}

Result<std::unique_ptr<ContainerWatch>> ContainerWatch::Open(const Container& container) {
  std::unique_ptr<ContainerWatch> watch(new ContainerWatch(container));  // private constructor
  Result<KeptFile> threads = KeptFile::Open(container.cgroup + "/cgroup.threads");
  if (!threads.ok()) return threads.error();
  watch->threads_ = std::move(*threads);
  Result<NetlinkSocket> connections = OpenNetlinkIn(container.pid, NETLINK_SOCK_DIAG);
  if (connections.ok()) {
    watch->connections_ = std::move(*connections);
    watch->has_connections_ = true;
  }
  return watch;
}

void ContainerWatch::SampleCgroup(ContainerSample& sample, std::string& buffer) {
  constexpr double kMicro = 1e-6;
  std::string_view text = ReadOrNothing(cpu_stat_, buffer);
  sample.cpu_usage_s = ScaledOr(FlatKeyed(text, "usage_usec"), kMicro);
  sample.cpu_throttled_s = ScaledOr(FlatKeyed(text, "throttled_usec"), kMicro);
  text = ReadOrNothing(cpu_pressure_, buffer);
  sample.cpu_pressure_s = ScaledOr(PressureTotalUs(text, "some"), kMicro);
  text = ReadOrNothing(memory_pressure_, buffer);
  sample.memory_pressure_some_s = ScaledOr(PressureTotalUs(text, "some"), kMicro);
  sample.memory_pressure_full_s = ScaledOr(PressureTotalUs(text, "full"), kMicro);
  text = ReadOrNothing(io_pressure_, buffer);
  sample.io_pressure_some_s = ScaledOr(PressureTotalUs(text, "some"), kMicro);
  text = ReadOrNothing(memory_current_, buffer);
  std::uint64_t usage = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), usage).ec == std::errc()) {
    sample.memory_usage_bytes = static_cast<double>(usage);
  }
  text = ReadOrNothing(memory_stat_, buffer);
  sample.memory_anon_bytes = ScaledOr(FlatKeyed(text, "anon"), 1);
  sample.memory_file_bytes = ScaledOr(FlatKeyed(text, "file"), 1);
  sample.memory_refaults = ScaledOr(FlatKeyed(text, "workingset_refault_file"), 1) +
                           ScaledOr(FlatKeyed(text, "workingset_refault_anon"), 1);
  sample.memory_major_faults = ScaledOr(FlatKeyed(text, "pgmajfault"), 1);
  text = ReadOrNothing(memory_events_, buffer);
  sample.memory_high_events = ScaledOr(FlatKeyed(text, "high"), 1);
  if (io_stat_.valid()) {
    const IoTotals io = IoStat(ReadOrNothing(io_stat_, buffer));
    sample.io_read_bytes = static_cast<double>(io.read_bytes);
    sample.io_write_bytes = static_cast<double>(io.write_bytes);
    sample.io_reads = static_cast<double>(io.reads);
  }
}

void ContainerWatch::SampleTcpCounters(ContainerSample& sample, std::string& buffer) {
  std::string_view text = ReadOrNothing(snmp_, buffer);
  sample.tcp_retransmits = ScaledOr(SnmpValue(text, "Tcp", "RetransSegs"), 1);
  sample.tcp_in_segments = ScaledOr(SnmpValue(text, "Tcp", "InSegs"), 1);
  sample.tcp_out_segments = ScaledOr(SnmpValue(text, "Tcp", "OutSegs"), 1);
  text = ReadOrNothing(netstat_, buffer);
  sample.tcp_timeouts = ScaledOr(SnmpValue(text, "TcpExt", "TCPTimeouts"), 1);
  sample.tcp_lost_retransmits = ScaledOr(SnmpValue(text, "TcpExt", "TCPLostRetransmit"), 1);
}

void ContainerWatch::SampleConnections(ContainerSample& sample, std::string& buffer) {
  if (!has_connections_) return;
  Mean srtt;
  Mean rttvar;
  double unacked = 0;
  std::map<std::uint32_t, Mean> edges;
  const auto add = [&](const TcpSocket& socket) {
    unacked += socket.unacked_segments;
    if (socket.quiet_ms >= kRecentMs || socket.srtt_us == 0) return;
    srtt.Add(socket.srtt_us);
    rttvar.Add(socket.rttvar_us);
    if (socket.local_port >= kFirstEphemeralPort) edges[socket.remote_ipv4].Add(socket.srtt_us);
  };
  if (SocketsInUse(ReadOrNothing(sockstat_, buffer), "TCP").value_or(1) > 0 &&
      !ForEachTcpSocket(connections_, AF_INET, add).ok()) {
    return;
  }
  if (SocketsInUse(ReadOrNothing(sockstat6_, buffer), "TCP6").value_or(1) > 0 &&
      !ForEachTcpSocket(connections_, AF_INET6, add).ok()) {
    return;
  }
  sample.tcp_srtt_us = srtt.Value();
  sample.tcp_rttvar_us = rttvar.Value();
  sample.tcp_unacked = unacked;
  for (const auto& [address, mean] : edges) sample.edge_srtt_us[address] = mean.Value();
}

void ContainerWatch::SampleLink(ContainerSample& sample, std::string_view net_dev) const {
  if (container_.veth.empty()) return;
  const std::optional<InterfaceTotals> host = NetDev(net_dev, container_.veth);
  if (!host) return;
  // What the host's end sends, the container receives.
  sample.receive_bytes = static_cast<double>(host->transmit_bytes);
  sample.receive_packets = static_cast<double>(host->transmit_packets);
  sample.transmit_bytes = static_cast<double>(host->receive_bytes);
  sample.transmit_packets = static_cast<double>(host->receive_packets);
}

Result<ContainerSample> ContainerWatch::Sample(std::string_view net_dev, std::string& buffer) {
  Result<std::string_view> threads = threads_.Read(buffer);
  if (!threads.ok()) return threads.error();
  if (threads->empty()) return Error{container_.name + " has no threads any more", ESRCH};
  const std::string thread_list(*threads);
  ContainerSample sample;
  delays_.Update(thread_list, buffer);
  sample.cpu_run_delay_s = delays_.delay_seconds();
  sample.tasks = delays_.tasks();
  SampleCgroup(sample, buffer);
  SampleTcpCounters(sample, buffer);
  SampleConnections(sample, buffer);
  SampleLink(sample, net_dev);
  return sample;
}

}  // namespace grayling::probe
