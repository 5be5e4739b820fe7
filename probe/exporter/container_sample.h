#pragma once

#include <array>
#include <limits>
#include <map>
#include <string>
#include <string_view>

namespace grayling::probe {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// One container at one instant. A value that could not be read is kUnknown and is not exported.
// Network values are from the container's point of view.
struct ContainerSample {
  double cpu_usage_s = kUnknown;
  double cpu_throttled_s = kUnknown;
  double cpu_run_delay_s = kUnknown;
  double cpu_pressure_s = kUnknown;
  double memory_pressure_some_s = kUnknown;
  double memory_pressure_full_s = kUnknown;
  double io_pressure_some_s = kUnknown;
  double memory_usage_bytes = kUnknown;
  double memory_anon_bytes = kUnknown;
  double memory_file_bytes = kUnknown;
  double memory_refaults = kUnknown;
  double memory_major_faults = kUnknown;
  double memory_high_events = kUnknown;
  double io_read_bytes = kUnknown;
  double io_write_bytes = kUnknown;
  double io_reads = kUnknown;
  double receive_bytes = kUnknown;
  double receive_packets = kUnknown;
  double transmit_bytes = kUnknown;
  double transmit_packets = kUnknown;
  double tasks = kUnknown;
  double tcp_srtt_us = kUnknown;    // mean over connections that moved data in the last 2 s
  double tcp_rttvar_us = kUnknown;  // likewise
  double tcp_unacked = kUnknown;    // segments, summed over all connections
  double tcp_retransmits = kUnknown;
  double tcp_timeouts = kUnknown;
  double tcp_lost_retransmits = kUnknown;
  double tcp_out_segments = kUnknown;
  double tcp_in_segments = kUnknown;
  // Mean srtt of this container's client connections, by the address of the callee (IPv4, network
  // byte order).
  std::map<std::uint32_t, double> edge_srtt_us;
};

struct ContainerFamily {
  std::string_view name;
  double ContainerSample::*value;
};

// The observable contract: every metric of a container. Queue discipline statistics are left out on
// purpose: they would name the injected fault instead of its symptoms.
inline constexpr std::array<ContainerFamily, 29> kContainerFamilies = {{
    {"grayling_container_cpu_usage_seconds_total", &ContainerSample::cpu_usage_s},
    {"grayling_container_cpu_throttled_seconds_total", &ContainerSample::cpu_throttled_s},
    {"grayling_container_cpu_run_delay_seconds_total", &ContainerSample::cpu_run_delay_s},
    {"grayling_container_cpu_pressure_seconds_total", &ContainerSample::cpu_pressure_s},
    {"grayling_container_memory_pressure_some_seconds_total",
     &ContainerSample::memory_pressure_some_s},
    {"grayling_container_memory_pressure_full_seconds_total",
     &ContainerSample::memory_pressure_full_s},
    {"grayling_container_io_pressure_some_seconds_total", &ContainerSample::io_pressure_some_s},
    {"grayling_container_memory_usage_bytes", &ContainerSample::memory_usage_bytes},
    {"grayling_container_memory_anon_bytes", &ContainerSample::memory_anon_bytes},
    {"grayling_container_memory_file_bytes", &ContainerSample::memory_file_bytes},
    {"grayling_container_memory_refault_total", &ContainerSample::memory_refaults},
    {"grayling_container_memory_major_faults_total", &ContainerSample::memory_major_faults},
    {"grayling_container_memory_high_events_total", &ContainerSample::memory_high_events},
    {"grayling_container_io_read_bytes_total", &ContainerSample::io_read_bytes},
    {"grayling_container_io_write_bytes_total", &ContainerSample::io_write_bytes},
    {"grayling_container_io_reads_total", &ContainerSample::io_reads},
    {"grayling_container_network_receive_bytes_total", &ContainerSample::receive_bytes},
    {"grayling_container_network_receive_packets_total", &ContainerSample::receive_packets},
    {"grayling_container_network_transmit_bytes_total", &ContainerSample::transmit_bytes},
    {"grayling_container_network_transmit_packets_total", &ContainerSample::transmit_packets},
    {"grayling_container_tasks", &ContainerSample::tasks},
    {"grayling_tcp_link_srtt_us", &ContainerSample::tcp_srtt_us},
    {"grayling_tcp_link_rttvar_us", &ContainerSample::tcp_rttvar_us},
    {"grayling_tcp_link_unacked", &ContainerSample::tcp_unacked},
    {"grayling_tcp_link_retransmits_total", &ContainerSample::tcp_retransmits},
    {"grayling_tcp_link_timeouts_total", &ContainerSample::tcp_timeouts},
    {"grayling_tcp_link_lost_retransmits_total", &ContainerSample::tcp_lost_retransmits},
    {"grayling_tcp_link_out_segs_total", &ContainerSample::tcp_out_segments},
    {"grayling_tcp_link_in_segs_total", &ContainerSample::tcp_in_segments},
}};

inline constexpr std::string_view kEdgeFamily = "grayling_tcp_edge_srtt_us";

}  // namespace grayling::probe
