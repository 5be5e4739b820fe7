#include "ml/core/feature_signal.h"

#include <unordered_set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ml/core/feature_name.h"

namespace grayling {
namespace {

constexpr absl::string_view kEdgePrefix = "edge:";
constexpr absl::string_view kContextPrefix = "context:";

bool IsServiceName(absl::string_view name) {
  return !name.empty() && absl::c_all_of(name, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

bool HasWord(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return absl::c_any_of(words,
                        [&](absl::string_view word) { return absl::StrContains(text, word); });
}

bool Knows(absl::Span<const std::string> services, const std::string& service) {
  return service.empty() || services.empty() || absl::c_linear_search(services, service);
}

bool IsCalleesSide(absl::string_view signal) {
  return HasWord(absl::AsciiStrToLower(signal), {"callee", "destination", "server"});
}

bool NeedsLoad(FeatureKind kind) {
  return kind == FeatureKind::kPerLoad || kind == FeatureKind::kResidual ||
         kind == FeatureKind::kLagged;
}

// What the columns offer beyond the signals themselves.
struct Offer {
  bool own_latency = false;
  bool load = false;
  bool client = false;
  bool has[5] = {};
};

bool CanGive(FeatureKind kind, const std::string& signal, const Offer& offer, size_t services) {
  switch (kind) {
    case FeatureKind::kPeer:
      return services >= 3 && !IsContext(signal);
    case FeatureKind::kEdge:
      return offer.own_latency && IsCallersLatency(signal);
    case FeatureKind::kPerLoad:
    case FeatureKind::kResidual:
      return offer.load && ClassOf(signal) != SignalClass::kLoad;
    case FeatureKind::kLagged:
      return offer.load && ClassOf(signal) == SignalClass::kLatency;
    default:
      return true;
  }
}

void AppendAggregates(const Offer& offer, size_t signals, std::vector<std::string>& features) {
  if (signals < 2) return;
  using Kind = FeatureKind;
  for (const Kind kind : {Kind::kLargest, Kind::kTop, Kind::kShare, Kind::kSystemLargest,
                          Kind::kSystemTop, Kind::kSystemShare}) {
    for (const absl::string_view what : kAggregated) {
      features.push_back(FeatureName({kind, std::string(what)}));
    }
  }
  for (const Kind kind : {Kind::kRise, Kind::kSystemRise}) {
    const SignalClass classes[] = {SignalClass::kLatency, SignalClass::kError,
                                   SignalClass::kResource};
    for (size_t i = 0; i < std::size(classes); ++i) {
      if (!offer.has[static_cast<size_t>(classes[i])]) continue;
      features.push_back(FeatureName({kind, std::string(kRising[i])}));
    }
  }
  if (offer.client && offer.has[static_cast<size_t>(SignalClass::kResource)]) {
    features.push_back(FeatureName({Kind::kObservability, std::string(kObservabilityGap)}));
  }
}

}  // namespace

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

SignalClass ClassOf(absl::string_view signal) {
  const std::string name = absl::AsciiStrToLower(signal);
  if (HasWord(name, {"error", "fail", "5xx", "4xx", "timeout", "retrans", "reject", "dropped",
                     "drops", "packet_loss", "lost", "exception"})) {
    return SignalClass::kError;
  }
  if (!HasWord(name, {"_rate"}) &&
      HasWord(name, {"latency", "duration", "seconds_mean", "response_time", "resp_time", "elapsed",
                     "delay", "rtt"})) {
    return SignalClass::kLatency;
  }
  if (HasWord(name,
              {"requests_rate", "request_rate", "requests_per", "request_count", "requests_total",
               "_rps", "qps", "ops_per_s", "throughput", "workload", "calls_rate", "calls_per"})) {
    return SignalClass::kLoad;
  }
  if (HasWord(name, {"cpu", "memory", "mem_", "_mem", "disk", "io_", "_io", "filesystem", "heap",
                     "utilization", "utilisation"})) {
    return SignalClass::kResource;
  }
  return SignalClass::kOther;
}

bool IsOwnLatency(absl::string_view signal) {
  if (IsContext(signal) || ClassOf(signal) != SignalClass::kLatency) return false;
  return !IsEdge(signal) || IsCalleesSide(signal);
}

bool IsCallersLatency(absl::string_view signal) {
  return IsEdge(signal) && ClassOf(signal) == SignalClass::kLatency && !IsCalleesSide(signal);
}

std::vector<std::string> ServicesOf(absl::Span<const std::string> columns) {
  std::vector<std::string> services;
  std::unordered_set<std::string> seen;
  for (const std::string& column : columns) {
    const ColumnRole role = RoleOf(column);
    if (role.service.empty() || IsEdge(role.signal)) continue;
    if (seen.insert(role.service).second) services.push_back(role.service);
  }
  return services;
}

std::vector<std::string> CandidateFeatures(absl::Span<const std::string> columns,
                                           absl::Span<const std::string> services) {
  std::vector<std::string> signals;
  std::unordered_set<std::string> seen;
  Offer offer;
  for (const std::string& column : columns) {
    ColumnRole role = RoleOf(column);
    if (!Knows(services, role.service)) continue;
    const SignalClass what = ClassOf(role.signal);
    offer.own_latency = offer.own_latency || IsOwnLatency(role.signal);
    offer.load = offer.load || what == SignalClass::kLoad;
    offer.client = offer.client || what == SignalClass::kLatency || what == SignalClass::kError;
    offer.has[static_cast<size_t>(what)] = true;
    if (seen.insert(role.signal).second) signals.push_back(std::move(role.signal));
  }
  std::vector<std::string> features;
  for (const std::string& signal : signals) {
    for (const FeatureKind kind : SignalKinds()) {
      if (CanGive(kind, signal, offer, services.size())) {
        features.push_back(FeatureName({kind, signal}));
      }
    }
  }
  AppendAggregates(offer, signals.size(), features);
  return features;
}

std::vector<std::string> ColumnsFor(absl::Span<const std::string> features,
                                    absl::Span<const std::string> columns,
                                    absl::Span<const std::string> services) {
  std::unordered_set<std::string> wanted;
  bool own_latency = false;
  bool load = false;
  bool all = false;
  for (const std::string& name : features) {
    const absl::StatusOr<FeatureSpec> feature = ParseFeature(name);
    if (!feature.ok()) continue;
    wanted.insert(feature->signal);
    own_latency = own_latency || feature->kind == FeatureKind::kEdge;
    load = load || NeedsLoad(feature->kind);
    all = all || IsAggregate(feature->kind);
  }
  std::vector<std::string> kept;
  for (const std::string& column : columns) {
    const ColumnRole role = RoleOf(column);
    if (!Knows(services, role.service)) continue;
    if (all || wanted.contains(role.signal) || (own_latency && IsOwnLatency(role.signal)) ||
        (load && ClassOf(role.signal) == SignalClass::kLoad)) {
      kept.push_back(column);
    }
  }
  return kept;
}

}  // namespace grayling
