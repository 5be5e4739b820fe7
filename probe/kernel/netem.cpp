#include "probe/kernel/netem.h"

#include <linux/pkt_sched.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace grayling::probe {
namespace {

constexpr double kFullShare = std::numeric_limits<std::uint32_t>::max();
constexpr double kFrameBytes = 1514;
constexpr double kGigabitBytesPerS = 1e9 / 8;
constexpr std::uint32_t kSmallestLimit = 1000;
constexpr double kRateQueueSeconds = 0.5;
constexpr std::uint32_t kSmallestRateLimit = 32;
constexpr int kNanosecondsPerTickShift = 6;  // the kernel's packet scheduler clock

std::uint32_t Saturated(std::uint64_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t Ticks(std::int64_t nanoseconds) {
  return Saturated(static_cast<std::uint64_t>(nanoseconds) >> kNanosecondsPerTickShift);
}

template <typename Struct>
Struct ReadOrZero(Bytes attributes, std::uint16_t type) {
  const auto content = FindAttribute(attributes, type);
  return content ? ReadValue<Struct>(*content).value_or(Struct{}) : Struct{};
}

void AddShort(std::string& out, const char* name, double value, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%s%.6g%s", name, value, unit);
  out += text;
}

void AddShare(std::string& out, const char* name, std::uint32_t share, std::uint32_t correlation) {
  if (share == 0) return;
  AddShort(out, name, NetemPercent(share), "%");
  if (correlation > 0) AddShort(out, " ", NetemPercent(correlation), "%");
}

}  // namespace

std::uint32_t NetemShare(double percent) {
  return static_cast<std::uint32_t>(
      std::llround(std::clamp(percent, 0.0, 100.0) / 100 * kFullShare));
}

double NetemPercent(std::uint32_t share) {
  // Six digits after the point undo the rounding of NetemShare.
  return std::round(share / kFullShare * 1e8) / 1e6;
}

std::uint32_t NetemLimit(std::int64_t longest_ns) {
  const double frames_per_s = kGigabitBytesPerS / kFrameBytes;
  const double held = frames_per_s * static_cast<double>(longest_ns) / 1e9;
  return std::max(kSmallestLimit, static_cast<std::uint32_t>(std::ceil(held)));
}

std::uint32_t NetemRateLimit(std::uint64_t bytes_per_s) {
  const double held = static_cast<double>(bytes_per_s) * kRateQueueSeconds / kFrameBytes;
  return std::max(kSmallestRateLimit, static_cast<std::uint32_t>(std::ceil(held)));
}

std::string Describe(const NetemSettings& settings) {
  std::string out = "netem";
  if (settings.latency_ns > 0) {
    AddShort(out, " delay ", static_cast<double>(settings.latency_ns) / 1e6, "ms");
  }
  if (settings.jitter_ns > 0) {
    AddShort(out, " jitter ", static_cast<double>(settings.jitter_ns) / 1e6, "ms");
    if (settings.delay_correlation > 0) {
      AddShort(out, " ", NetemPercent(settings.delay_correlation), "%");
    }
  }
  AddShare(out, " loss ", settings.loss, settings.loss_correlation);
  AddShare(out, " duplicate ", settings.duplicate, settings.duplicate_correlation);
  AddShare(out, " corrupt ", settings.corrupt, settings.corrupt_correlation);
  AddShare(out, " reorder ", settings.reorder, settings.reorder_correlation);
  if (settings.bytes_per_s > 0) {
    AddShort(out, " rate ", static_cast<double>(settings.bytes_per_s) / 125, "kbit/s");
  }
  return out + " limit " + std::to_string(settings.limit);
}

std::vector<char> NetemOptions(const NetemSettings& settings,
                               const std::vector<std::int16_t>& distribution) {
  AttributeBytes options;
  tc_netem_qopt fixed{};
  fixed.latency = Ticks(settings.latency_ns);
  fixed.limit = settings.limit;
  fixed.loss = settings.loss;
  fixed.gap = settings.gap;
  fixed.duplicate = settings.duplicate;
  fixed.jitter = Ticks(settings.jitter_ns);
  options.Append(fixed);
  options.AddValue(TCA_NETEM_LATENCY64, settings.latency_ns);
  options.AddValue(TCA_NETEM_JITTER64, settings.jitter_ns);
  options.AddValue(TCA_NETEM_CORR,
                   tc_netem_corr{settings.delay_correlation, settings.loss_correlation,
                                 settings.duplicate_correlation});
  options.AddValue(TCA_NETEM_REORDER,
                   tc_netem_reorder{settings.reorder, settings.reorder_correlation});
  options.AddValue(TCA_NETEM_CORRUPT,
                   tc_netem_corrupt{settings.corrupt, settings.corrupt_correlation});
  // The kernel takes the 64-bit value only where the other one is full.
  if (settings.bytes_per_s > std::numeric_limits<std::uint32_t>::max()) {
    options.AddValue(TCA_NETEM_RATE64, settings.bytes_per_s);
  }
  tc_netem_rate rate{};
  rate.rate = Saturated(settings.bytes_per_s);
  options.AddValue(TCA_NETEM_RATE, rate);
  if (!distribution.empty()) {
    options.AddBytes(TCA_NETEM_DELAY_DIST, distribution.data(),
                     distribution.size() * sizeof distribution[0]);
  }
  const Bytes bytes = options.bytes();
  return {bytes.begin(), bytes.end()};
}

std::optional<NetemSettings> ParseNetemOptions(Bytes options) {
  const auto fixed = ReadValue<tc_netem_qopt>(options);
  if (!fixed) return std::nullopt;
  NetemSettings settings;
  settings.latency_ns = std::int64_t{fixed->latency} << kNanosecondsPerTickShift;
  settings.jitter_ns = std::int64_t{fixed->jitter} << kNanosecondsPerTickShift;
  settings.loss = fixed->loss;
  settings.limit = fixed->limit;
  settings.gap = fixed->gap;
  settings.duplicate = fixed->duplicate;
  const Bytes attributes = AfterHeader<tc_netem_qopt>(options);
  if (const auto exact = FindAttribute(attributes, TCA_NETEM_LATENCY64)) {
    settings.latency_ns = ReadValue<std::int64_t>(*exact).value_or(settings.latency_ns);
  }
  if (const auto exact = FindAttribute(attributes, TCA_NETEM_JITTER64)) {
    settings.jitter_ns = ReadValue<std::int64_t>(*exact).value_or(settings.jitter_ns);
  }
  const auto correlation = ReadOrZero<tc_netem_corr>(attributes, TCA_NETEM_CORR);
  settings.delay_correlation = correlation.delay_corr;
  settings.loss_correlation = correlation.loss_corr;
  settings.duplicate_correlation = correlation.dup_corr;
  const auto reorder = ReadOrZero<tc_netem_reorder>(attributes, TCA_NETEM_REORDER);
  settings.reorder = reorder.probability;
  settings.reorder_correlation = reorder.correlation;
  const auto corrupt = ReadOrZero<tc_netem_corrupt>(attributes, TCA_NETEM_CORRUPT);
  settings.corrupt = corrupt.probability;
  settings.corrupt_correlation = corrupt.correlation;
  settings.bytes_per_s = ReadOrZero<tc_netem_rate>(attributes, TCA_NETEM_RATE).rate;
  if (const auto exact = FindAttribute(attributes, TCA_NETEM_RATE64)) {
    settings.bytes_per_s = ReadValue<std::uint64_t>(*exact).value_or(settings.bytes_per_s);
  }
  return settings;
}

}  // namespace grayling::probe
