#include "ml/core/features.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/scale.h"

namespace grayling {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
// Beyond this many scales nothing is told apart any more; keeps infinities out of the sums.
constexpr float kLargestU = 1e4F;

constexpr SignalClass kRisingClass[] = {SignalClass::kLatency, SignalClass::kError,
                                        SignalClass::kResource};

// Index of an aggregate's argument in its list.
size_t SourceOf(const FeatureSpec& feature) {
  const auto position = [&](const auto& list) {
    return static_cast<size_t>(std::distance(
        std::begin(list),
        std::find(std::begin(list), std::end(list), absl::string_view(feature.signal))));
  };
  switch (feature.kind) {
    case FeatureKind::kRise:
    case FeatureKind::kSystemRise:
      return position(kRising);
    case FeatureKind::kObservability:
      return 0;
    default:
      return position(kAggregated);
  }
}

}  // namespace

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
  bank.scales_ = std::move(scales);
  for (size_t c = 0; c < columns.size(); ++c) {
    if (bank.scales_[c].median == kUnknownLocation) {
      bank.warm_ups_.emplace_back(c);
      bank.scales_[c].median = kNan;
    }
  }
  bank.AddColumns(columns, services);
  bank.MarkClientView();
  GRAYLING_RETURN_IF_ERROR(bank.AddFeatures(features));
  const auto streams = static_cast<size_t>(bank.streams_);
  for (int s = 0; s < bank.streams_; ++s) bank.load_signal_.push_back(bank.LoadSignalOf(s));
  bank.shared_load_signal_ = bank.LoadSignalOf(-1);
  bank.u_.resize(columns.size());
  bank.x_.resize(columns.size());
  bank.levels_.resize(bank.signals_.size());
  bank.own_latency_.resize(streams);
  bank.peers_.resize(streams);
  bank.present_.resize(streams);
  bank.evidence_.resize(streams);
  bank.output_ = Matrix::Zero(bank.streams_, bank.features());
  bank.MakeStates();
  return bank;
}

void FeatureBank::AddColumns(const std::vector<std::string>& columns,
                             const std::vector<std::string>& services) {
  std::unordered_map<std::string, size_t> index;
  const auto streams = static_cast<size_t>(streams_);
  for (size_t c = 0; c < columns.size(); ++c) {
    const ColumnRole role = RoleOf(columns[c]);
    if (!role.service.empty() && !services.empty() &&
        !absl::c_linear_search(services, role.service)) {
      continue;
    }
    const auto [entry, is_new] = index.try_emplace(role.signal, signals_.size());
    if (is_new) {
      Signal signal;
      signal.name = role.signal;
      signal.what = ClassOf(role.signal);
      signal.shared = role.service.empty() && !services.empty();
      signal.own_latency = IsOwnLatency(role.signal);
      signal.columns.resize(streams);
      signals_.push_back(std::move(signal));
    }
    Signal& signal = signals_[entry->second];
    for (size_t s = 0; s < streams; ++s) {
      const bool mine = services.empty() || role.service.empty() || role.service == services[s];
      if (mine) signal.columns[s].push_back(static_cast<int>(c));
    }
  }
}

// Clients see the callers' side of the edges; without edges, the service's own figures.
void FeatureBank::MarkClientView() {
  const auto of_clients_class = [](const Signal& signal) {
    return !signal.shared &&
           (signal.what == SignalClass::kLatency || signal.what == SignalClass::kError);
  };
  const auto of_edge = [&](const Signal& signal) {
    return of_clients_class(signal) && IsEdge(signal.name) && !signal.own_latency;
  };
  const bool edges = absl::c_any_of(signals_, of_edge);
  for (Signal& signal : signals_) {
    signal.of_client = edges ? of_edge(signal) : of_clients_class(signal);
  }
}

absl::Status FeatureBank::AddFeatures(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    GRAYLING_ASSIGN_OR_RETURN(const FeatureSpec feature, ParseFeature(name));
    if (IsAggregate(feature.kind)) {
      any_aggregate_ = true;
      features_.push_back({feature.kind, -1, SourceOf(feature)});
      continue;
    }
    const auto signal = absl::c_find_if(
        signals_, [&](const Signal& candidate) { return candidate.name == feature.signal; });
    if (signal == signals_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("feature \"", name, "\" needs a column of the metric \"", feature.signal,
                       "\", which is not among the model's input columns; train the model again"));
    }
    features_.push_back({feature.kind, static_cast<int>(signal - signals_.begin()), 0});
  }
  return absl::OkStatus();
}

int FeatureBank::LoadSignalOf(int stream) const {
  const auto rank = [](const Signal& signal) {
    if (IsContext(signal.name)) return 2;
    return IsEdge(signal.name) ? 1 : 0;
  };
  int best = -1;
  for (size_t i = 0; i < signals_.size(); ++i) {
    const Signal& signal = signals_[i];
    if (signal.what != SignalClass::kLoad || (stream < 0 && !signal.shared)) continue;
    if (signal.columns[static_cast<size_t>(std::max(stream, 0))].empty()) continue;
    if (best < 0 || rank(signal) < rank(signals_[static_cast<size_t>(best)])) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

void FeatureBank::MakeStates() {
  FeatureNeeds of_all;
  std::vector<FeatureNeeds> needs(signals_.size());
  for (const Feature& feature : features_) {
    if (feature.signal >= 0) {
      needs[static_cast<size_t>(feature.signal)].Add(feature.kind);
    } else if (feature.kind == FeatureKind::kObservability || feature.kind == FeatureKind::kRise ||
               feature.kind == FeatureKind::kSystemRise) {
      of_all.robust_z = true;
    } else if (feature.source == 0) {
      of_all.robust_z = true;
    } else if (feature.source == 1) {
      of_all.long_z = true;
    }
  }
  for (int s = 0; s < streams_; ++s) {
    for (size_t i = 0; i < signals_.size(); ++i) {
      needs[i].Add(of_all);
      double centre = 0;
      const std::vector<int>& columns = signals_[i].columns[static_cast<size_t>(s)];
      for (const int c : columns) {
        const ColumnScale& scale = scales_[static_cast<size_t>(c)];
        if (!std::isnan(scale.median)) centre += scale.median / scale.scale;
      }
      if (!columns.empty()) centre /= static_cast<double>(columns.size());
      centres_.push_back(static_cast<float>(centre));
      const bool used = !columns.empty() && (s == 0 || !signals_[i].shared);
      states_.emplace_back(used ? needs[i] : FeatureNeeds{}, centres_.back());
    }
  }
}

void FeatureBank::Reset() {
  for (SignalState& state : states_) state.Reset();
  for (LocationWarmUp& warm_up : warm_ups_) {
    warm_up.Reset();
    scales_[warm_up.column()].median = kNan;
  }
  absl::c_fill(present_, 0);
  output_.setZero();
}

FeatureBank::Level FeatureBank::Mean(absl::Span<const int> columns) const {
  float x = 0;
  float u = 0;
  int count = 0;
  for (const int column : columns) {
    const auto c = static_cast<size_t>(column);
    if (std::isnan(u_[c])) continue;
    x += x_[c];
    u += u_[c];
    ++count;
  }
  if (count == 0) return {kNan, kNan};
  return {x / static_cast<float>(count), u / static_cast<float>(count)};
}

void FeatureBank::StepStream(int stream) {
  const auto s = static_cast<size_t>(stream);
  present_[s] = 0;
  for (size_t i = 0; i < signals_.size(); ++i) {
    levels_[i] = Mean(signals_[i].columns[s]);
    if (!std::isnan(levels_[i].x) && !signals_[i].shared) present_[s] = 1;
  }
  const auto load_of = [&](int signal) {
    if (signal < 0) return OfferedLoad{};
    const auto i = static_cast<size_t>(signal);
    return OfferedLoad{levels_[i].x, levels_[i].u, centres_[s * signals_.size() + i]};
  };
  const OfferedLoad own = load_of(load_signal_[s]);
  const OfferedLoad shared = load_of(shared_load_signal_);
  for (size_t i = 0; i < signals_.size(); ++i) {
    if (signals_[i].shared && stream > 0) continue;
    states_[Slot(stream, static_cast<int>(i))].Step(levels_[i].x, levels_[i].u,
                                                    signals_[i].shared ? shared : own);
  }
  own_latency_[s] = OwnLatency(stream);
}

float FeatureBank::OwnLatency(int stream) const {
  float level = 0;
  int count = 0;
  for (size_t i = 0; i < signals_.size(); ++i) {
    const SignalState& state = At(stream, static_cast<int>(i));
    if (!signals_[i].own_latency || state.missing()) continue;
    level += state.fast();
    ++count;
  }
  return count == 0 ? kNan : level / static_cast<float>(count);
}

void FeatureBank::Gather(int stream, int signal, Evidence& evidence) const {
  const Signal& what = signals_[static_cast<size_t>(signal)];
  const SignalState& state = At(stream, signal);
  const float z = state.smooth_robust_z();
  const float sources[kSources] = {z, state.smooth_long_z(), state.fast()};
  for (size_t i = 0; i < kSources; ++i) evidence.deviations[i].Add(sources[i]);
  for (size_t i = 0; i < kRises; ++i) {
    if (what.what == kRisingClass[i]) evidence.rise[i] = std::max(evidence.rise[i], z);
  }
  if (what.of_client) {
    evidence.observability.AddSymptom(z);
  } else if (what.what == SignalClass::kLoad) {
    evidence.observability.AddThroughput(z);
  } else if (what.what == SignalClass::kResource) {
    evidence.observability.AddResource(state.fast());
  }
}

void FeatureBank::GatherEvidence() {
  system_ = Evidence();
  for (int s = 0; s < streams_; ++s) {
    Evidence& own = evidence_[static_cast<size_t>(s)];
    own = Evidence();
    for (size_t i = 0; i < signals_.size(); ++i) {
      const auto signal = static_cast<int>(i);
      if ((signals_[i].shared && s > 0) || !At(s, signal).started()) continue;
      if (!signals_[i].shared) Gather(s, signal, own);
      Gather(s, signal, system_);
    }
  }
}

float FeatureBank::PeerMedian(int stream, int signal) {
  size_t count = 0;
  for (int other = 0; other < streams_; ++other) {
    const SignalState& state = At(other, signal);
    if (other != stream && state.started() && !state.missing()) peers_[count++] = state.fast();
  }
  if (count == 0) return kNan;
  const auto middle = peers_.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(peers_.begin(), middle, peers_.begin() + static_cast<std::ptrdiff_t>(count));
  if (count % 2 == 1) return *middle;
  return (*middle + *std::max_element(peers_.begin(), middle)) / 2;
}

float FeatureBank::EvaluateAggregate(const Feature& feature, int stream) const {
  const Evidence& own = evidence_[static_cast<size_t>(stream)];
  const size_t source = feature.source;
  switch (feature.kind) {
    case FeatureKind::kLargest:
      return own.deviations[source].largest();
    case FeatureKind::kTop:
      return own.deviations[source].top();
    case FeatureKind::kShare:
      return own.deviations[source].share();
    case FeatureKind::kRise:
      return own.rise[source];
    case FeatureKind::kSystemLargest:
      return system_.deviations[source].largest();
    case FeatureKind::kSystemTop:
      return system_.deviations[source].top();
    case FeatureKind::kSystemShare:
      return system_.deviations[source].share();
    case FeatureKind::kSystemRise:
      return system_.rise[source];
    default:
      return own.observability.gap();
  }
}

float FeatureBank::Evaluate(const Feature& feature, int stream) {
  if (feature.signal < 0) return EvaluateAggregate(feature, stream);
  const SignalState& state = At(stream, feature.signal);
  if (feature.kind == FeatureKind::kPeer) {
    if (state.missing()) return 0;
    const float peers = PeerMedian(stream, feature.signal);
    return std::isnan(peers) ? 0 : state.fast() - peers;
  }
  if (feature.kind == FeatureKind::kEdge) {
    const float own = own_latency_[static_cast<size_t>(stream)];
    return state.missing() || std::isnan(own) ? 0 : state.fast() - own;
  }
  return state.Evaluate(feature.kind);
}

void FeatureBank::Step(absl::Span<const float> row) {
  for (LocationWarmUp& warm_up : warm_ups_) {
    warm_up.Add(row[warm_up.column()]);
    if (warm_up.done()) scales_[warm_up.column()].median = warm_up.median();
  }
  for (size_t c = 0; c < u_.size(); ++c) {
    u_[c] = std::clamp((row[c] - scales_[c].median) / scales_[c].scale, -kLargestU, kLargestU);
    x_[c] = Squash(u_[c]);
  }
  for (int s = 0; s < streams_; ++s) StepStream(s);
  if (any_aggregate_) GatherEvidence();
  for (int s = 0; s < streams_; ++s) {
    for (int f = 0; f < features(); ++f) {
      output_(s, f) = Evaluate(features_[static_cast<size_t>(f)], s);
    }
  }
}

}  // namespace grayling
