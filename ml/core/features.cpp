#include "ml/core/features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "ml/core/scale.h"

namespace grayling {
namespace {

constexpr float kFastRate = 0.4F;
constexpr float kSlowRate = 0.02F;
constexpr absl::string_view kEdgePrefix = "edge:";
constexpr absl::string_view kContextPrefix = "context:";

struct KindName {
  FeatureKind kind;
  absl::string_view name;
};
constexpr KindName kKindNames[] = {
    {FeatureKind::kValue, "value"}, {FeatureKind::kFast, "fast"}, {FeatureKind::kShift, "shift"},
    {FeatureKind::kPeak, "peak"},   {FeatureKind::kPeer, "peer"}, {FeatureKind::kEdge, "edge"},
};

// A column seen from the streams: who owns it and under which signal.
struct ColumnRole {
  std::string service;  // empty: every stream
  std::string signal;
};

bool IsServiceName(absl::string_view name) {
  return !name.empty() && absl::c_all_of(name, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

ColumnRole RoleOf(const std::string& column) {
  const size_t slash = column.find('/');
  if (slash != std::string::npos) {
    const std::string owner = column.substr(0, slash);
    const std::string metric = column.substr(slash + 1);
    const size_t arrow = owner.find('>');
    if (arrow != std::string::npos && IsServiceName(owner.substr(0, arrow)) &&
        IsServiceName(owner.substr(arrow + 1))) {
      return {owner.substr(arrow + 1), absl::StrCat(kEdgePrefix, metric)};
    }
    if (IsServiceName(owner)) return {owner, metric};
  }
  return {"", absl::StrCat(kContextPrefix, column)};
}

bool IsContext(absl::string_view signal) { return absl::StartsWith(signal, kContextPrefix); }
bool IsEdge(absl::string_view signal) { return absl::StartsWith(signal, kEdgePrefix); }

bool IsLatency(absl::string_view signal) {
  for (const absl::string_view word :
       {"latency", "duration", "seconds_mean", "response_time", "rtt"}) {
    if (absl::StrContains(signal, word)) return !absl::StrContains(signal, "_rate");
  }
  return false;
}
bool IsOwnLatency(absl::string_view signal) {
  return IsLatency(signal) && !IsEdge(signal) && !IsContext(signal);
}

bool Knows(absl::Span<const std::string> services, const std::string& service) {
  return service.empty() || services.empty() || absl::c_linear_search(services, service);
}

}  // namespace

std::string FeatureName(const FeatureSpec& feature) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == feature.kind) return absl::StrCat(entry.name, "(", feature.signal, ")");
  }
  return feature.signal;
}

absl::StatusOr<FeatureSpec> ParseFeature(absl::string_view name) {
  for (const KindName& entry : kKindNames) {
    absl::string_view rest = name;
    if (absl::ConsumePrefix(&rest, entry.name) && absl::ConsumePrefix(&rest, "(") &&
        absl::ConsumeSuffix(&rest, ")") && !rest.empty()) {
      return FeatureSpec{entry.kind, std::string(rest)};
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" is no feature; use value, fast, shift, peak, peer or edge(signal)"));
}

std::vector<std::string> ServicesOf(absl::Span<const std::string> columns) {
  std::vector<std::string> services;
  for (const std::string& column : columns) {
    const ColumnRole role = RoleOf(column);
    if (role.service.empty() || IsEdge(role.signal)) continue;
    if (!absl::c_linear_search(services, role.service)) services.push_back(role.service);
  }
  return services;
}

std::vector<std::string> CandidateFeatures(absl::Span<const std::string> columns,
                                           absl::Span<const std::string> services) {
  std::vector<std::string> signals;
  std::unordered_set<std::string> seen;
  bool own_latency = false;
  for (const std::string& column : columns) {
    ColumnRole role = RoleOf(column);
    if (!Knows(services, role.service)) continue;
    own_latency = own_latency || IsOwnLatency(role.signal);
    if (seen.insert(role.signal).second) signals.push_back(std::move(role.signal));
  }
  std::vector<std::string> features;
  for (const std::string& signal : signals) {
    for (const KindName& entry : kKindNames) {
      if (entry.kind == FeatureKind::kPeer && (services.size() < 3 || IsContext(signal))) continue;
      if (entry.kind == FeatureKind::kEdge &&
          !(own_latency && IsEdge(signal) && IsLatency(signal))) {
        continue;
      }
      features.push_back(FeatureName({entry.kind, signal}));
    }
  }
  return features;
}

std::vector<std::string> ColumnsFor(absl::Span<const std::string> features,
                                    absl::Span<const std::string> columns,
                                    absl::Span<const std::string> services) {
  std::unordered_set<std::string> wanted;
  bool own_latency = false;
  for (const std::string& name : features) {
    const absl::StatusOr<FeatureSpec> feature = ParseFeature(name);
    if (!feature.ok()) continue;
    wanted.insert(feature->signal);
    own_latency = own_latency || feature->kind == FeatureKind::kEdge;
  }
  std::vector<std::string> kept;
  for (const std::string& column : columns) {
    const ColumnRole role = RoleOf(column);
    if (!Knows(services, role.service)) continue;
    if (wanted.contains(role.signal) || (own_latency && IsOwnLatency(role.signal))) {
      kept.push_back(column);
    }
  }
  return kept;
}

absl::StatusOr<FeatureBank> FeatureBank::Create(std::vector<std::string> columns,
                                                std::vector<ColumnScale> scales,
                                                std::vector<std::string> services,
                                                const std::vector<std::string>& features) {
  if (columns.size() != scales.size()) {
    return absl::InvalidArgumentError(absl::StrCat("the model has ", columns.size(),
                                                   " input columns but ", scales.size(),
                                                   " scales; train it again"));
  }
  FeatureBank bank;
  bank.streams_ = std::max<int>(1, static_cast<int>(services.size()));
  const auto streams = static_cast<size_t>(bank.streams_);

  std::unordered_map<std::string, int> index;
  for (size_t c = 0; c < columns.size(); ++c) {
    const ColumnRole role = RoleOf(columns[c]);
    if (!Knows(services, role.service)) continue;
    const auto [entry, is_new] = index.try_emplace(role.signal, bank.signals_.size());
    if (is_new) {
      bank.signals_.push_back({role.signal, role.service.empty() && !services.empty(), {}});
      bank.signals_.back().columns.resize(streams);
      if (IsOwnLatency(role.signal)) bank.own_latency_.push_back(entry->second);
    }
    Signal& signal = bank.signals_[static_cast<size_t>(entry->second)];
    for (size_t s = 0; s < streams; ++s) {
      const bool mine = services.empty() || role.service.empty() || role.service == services[s];
      if (mine) signal.columns[s].push_back(static_cast<int>(c));
    }
  }
  for (const std::string& name : features) {
    GRAYLING_ASSIGN_OR_RETURN(const FeatureSpec feature, ParseFeature(name));
    const auto entry = index.find(feature.signal);
    if (entry == index.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("feature \"", name, "\" needs a column of the metric \"", feature.signal,
                       "\", which is not among the model's input columns; train the model again"));
    }
    bank.features_.push_back({feature.kind, entry->second});
  }
  bank.scaled_.resize(columns.size());
  bank.scales_ = std::move(scales);
  bank.rolling_.resize(streams * bank.signals_.size());
  bank.own_latency_level_.resize(streams);
  bank.peers_.resize(streams);
  bank.present_.resize(streams);
  bank.output_ = Matrix::Zero(bank.streams_, bank.features());
  return bank;
}

void FeatureBank::Reset() {
  absl::c_fill(rolling_, Rolling{});
  absl::c_fill(present_, 0);
  output_.setZero();
  row_ = 0;
}

void FeatureBank::Update(Rolling& rolling, float value) {
  rolling.missing = std::isnan(value);
  rolling.value = rolling.missing ? 0 : value;
  if (!rolling.started && !rolling.missing) {
    rolling.started = true;
    rolling.fast = rolling.slow = rolling.value;
  } else {
    rolling.fast += kFastRate * (rolling.value - rolling.fast);
    rolling.slow += kSlowRate * (rolling.value - rolling.slow);
  }
  rolling.recent[row_ % kPeakRows] = rolling.value;
}

float FeatureBank::PeerMedian(int stream, int signal) {
  size_t count = 0;
  for (int other = 0; other < streams_; ++other) {
    const Rolling& rolling = At(other, signal);
    if (other != stream && rolling.started && !rolling.missing) peers_[count++] = rolling.fast;
  }
  if (count == 0) return std::numeric_limits<float>::quiet_NaN();
  const auto middle = peers_.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(peers_.begin(), middle, peers_.begin() + static_cast<std::ptrdiff_t>(count));
  if (count % 2 == 1) return *middle;
  return (*middle + *std::max_element(peers_.begin(), middle)) / 2;
}

float FeatureBank::Evaluate(const Feature& feature, int stream) {
  const Rolling& rolling = At(stream, feature.signal);
  switch (feature.kind) {
    case FeatureKind::kValue:
      return rolling.value;
    case FeatureKind::kFast:
      return rolling.fast;
    case FeatureKind::kShift:
      return rolling.fast - rolling.slow;
    case FeatureKind::kPeak:
      return *absl::c_max_element(rolling.recent,
                                  [](float a, float b) { return std::abs(a) < std::abs(b); });
    case FeatureKind::kPeer: {
      if (rolling.missing) return 0;
      const float peers = PeerMedian(stream, feature.signal);
      return std::isnan(peers) ? 0 : rolling.fast - peers;
    }
    case FeatureKind::kEdge: {
      const float own = own_latency_level_[static_cast<size_t>(stream)];
      return rolling.missing || std::isnan(own) ? 0 : rolling.fast - own;
    }
  }
  return 0;
}

void FeatureBank::Step(absl::Span<const float> row) {
  for (size_t c = 0; c < scaled_.size(); ++c) scaled_[c] = Standardize(row[c], scales_[c]);
  for (int s = 0; s < streams_; ++s) {
    const auto stream = static_cast<size_t>(s);
    present_[stream] = 0;
    for (size_t i = 0; i < signals_.size(); ++i) {
      float sum = 0;
      int count = 0;
      for (const int column : signals_[i].columns[stream]) {
        const float value = scaled_[static_cast<size_t>(column)];
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
      }
      const bool missing = count == 0;
      if (!missing && !signals_[i].shared) present_[stream] = 1;
      Update(At(s, static_cast<int>(i)),
             missing ? std::numeric_limits<float>::quiet_NaN() : sum / static_cast<float>(count));
    }
    float level = 0;
    int count = 0;
    for (const int signal : own_latency_) {
      if (At(s, signal).missing) continue;
      level += At(s, signal).fast;
      ++count;
    }
    own_latency_level_[stream] =
        count == 0 ? std::numeric_limits<float>::quiet_NaN() : level / static_cast<float>(count);
  }
  for (int s = 0; s < streams_; ++s) {
    for (int f = 0; f < features(); ++f)
      output_(s, f) = Evaluate(features_[static_cast<size_t>(f)], s);
  }
  ++row_;
}

}  // namespace grayling
