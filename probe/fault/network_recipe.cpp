#include "probe/fault/network_recipe.h"

#include <cmath>

#include "probe/kernel/netem_distribution.h"

namespace grayling::probe {
namespace {

constexpr double kNanosecondsPerMs = 1e6;
constexpr double kBytesPerKbit = 125;

std::int64_t Nanoseconds(double milliseconds) {
  return std::llround(milliseconds * kNanosecondsPerMs);
}

FaultKind KindOf(const FaultOrder& order) {
  const FaultKind* kind = FindFaultKindOrNull(order.kind);
  return kind == nullptr ? FaultKind() : *kind;
}

// Delay's correlation needs no other threshold: it moves a packet's wait, not its fate.
double FateCorrelation(const FaultOrder& order) {
  return order.kind == "network.delay" ? 0 : order.Parameter("correlation_percent") / 100;
}

std::vector<std::int16_t> DistributionOf(const FaultOrder& order) {
  if (order.kind != "network.delay" || order.Parameter("jitter_ms") == 0) return {};
  return DistributionTable(order.Option("distribution"));
}

}  // namespace

NetworkRecipe::NetworkRecipe(const FaultOrder& order)
    : kind_(KindOf(order)),
      parameters_(order.parameters),
      correlation_(FateCorrelation(order)),
      distribution_(DistributionOf(order)) {
  FaultOptions unused;
  FillDefaults(kind_, parameters_, unused);
}

double NetworkRecipe::IntensityAtShare(double share) const {
  return IntensityAt(kind_, parameters_.at(kind_.parameters.front().name), share);
}

std::uint32_t NetworkRecipe::CorrelationShare() const {
  return NetemShare(parameters_.at("correlation_percent"));
}

NetemSettings NetworkRecipe::SettingsAt(double share) const {
  NetemSettings settings;
  settings.limit = NetemLimit(0);
  if (kind_.kind == "network.delay") {
    settings.latency_ns = Nanoseconds(IntensityAtShare(share));
    settings.jitter_ns = Nanoseconds(parameters_.at("jitter_ms") * share);
    settings.delay_correlation = CorrelationShare();
    // The same at every share, so that no change of it can drop a packet.
    const double longest_ms =
        parameters_.at("delay_ms") + parameters_.at("jitter_ms") * LargestDeviation(distribution_);
    settings.limit = NetemLimit(Nanoseconds(longest_ms));
  } else if (kind_.kind == "network.loss") {
    settings.loss = SharePercent(IntensityAtShare(share));
    settings.loss_correlation = CorrelationShare();
  } else if (kind_.kind == "network.partition") {
    settings.loss = share > 0 ? NetemShare(100) : 0;
  } else if (kind_.kind == "network.corrupt") {
    settings.corrupt = SharePercent(IntensityAtShare(share));
    settings.corrupt_correlation = CorrelationShare();
  } else if (kind_.kind == "network.duplicate") {
    settings.duplicate = SharePercent(IntensityAtShare(share));
    settings.duplicate_correlation = CorrelationShare();
  } else if (kind_.kind == "network.reorder") {
    const std::int64_t wait_ns = Nanoseconds(parameters_.at("delay_ms"));
    settings.gap = 1;
    settings.reorder = SharePercent(IntensityAtShare(share));
    settings.reorder_correlation = CorrelationShare();
    // Without packets that overtake, nobody has to wait either.
    settings.latency_ns = share > 0 ? wait_ns : 0;
    settings.limit = NetemLimit(wait_ns);
  } else if (kind_.kind == "network.rate" && share > 0) {
    settings.bytes_per_s =
        static_cast<std::uint64_t>(std::llround(IntensityAtShare(share) * kBytesPerKbit));
    settings.limit = NetemRateLimit(settings.bytes_per_s);
  }
  return settings;
}

std::map<std::string, double> NetworkRecipe::ValuesOf(const NetemSettings& held,
                                                      double share) const {
  std::map<std::string, double> values{{"limit_packets", held.limit}};
  if (kind_.kind == "network.partition") {
    values["percent"] = NetemPercent(held.loss);
  } else if (kind_.kind == "network.delay") {
    values["delay_ms"] = static_cast<double>(held.latency_ns) / kNanosecondsPerMs;
    values["jitter_ms"] = static_cast<double>(held.jitter_ns) / kNanosecondsPerMs;
  } else if (kind_.kind == "network.rate") {
    // Without a rate the link is as fast as it was: harmless, whatever number that has.
    values["kbit_per_s"] = held.bytes_per_s == 0
                               ? kind_.harmless
                               : static_cast<double>(held.bytes_per_s) / kBytesPerKbit;
  } else {
    // With a correlation the kernel's number is another one than the share of packets it hits.
    const std::uint32_t number = held.loss + held.corrupt + held.duplicate + held.reorder;
    values["percent"] =
        parameters_.at("correlation_percent") > 0 ? IntensityAtShare(share) : NetemPercent(number);
    if (kind_.kind == "network.reorder") {
      values["delay_ms"] = static_cast<double>(held.latency_ns) / kNanosecondsPerMs;
    }
  }
  return values;
}

}  // namespace grayling::probe
