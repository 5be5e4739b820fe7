#include "ml/core/localise_evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/core/localise_signal.h"

namespace grayling {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kUnnamedExcuse = 0.5;
constexpr size_t kFewestPeers = 3;
constexpr double kQuietPeer = 0.25;  // square of a movement of 0.5

bool IsSymptom(absl::string_view metric) {
  const SignalKind kind = SignalKindOf(metric);
  return kind == SignalKind::kLatency || kind == SignalKind::kErrors;
}

double PowerMean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value * value * value;
  return std::pow(sum / static_cast<double>(values.size()), 0.25);
}

double LargestMeasured(double a, double b) {
  if (std::isnan(a)) return b;
  return std::isnan(b) ? a : std::max(a, b);
}

// How much of a service's movement its callees explain.
double Explained(const CallGraph& graph, size_t service, const std::vector<double>& family,
                 absl::Span<const double> call_moves) {
  double by_calls = kNone;
  double by_callees = kNone;
  for (const size_t call : graph.services()[service].outgoing) {
    by_calls = LargestMeasured(by_calls, call_moves[call]);
    by_callees = LargestMeasured(by_callees, family[graph.calls()[call].callee]);
  }
  const double explained = std::isnan(by_calls) ? by_callees : by_calls;
  return std::isnan(explained) ? 0 : explained;
}

}  // namespace

double BadMove(absl::string_view metric, const Deviation& deviation) {
  if (!deviation.measured) return 0;
  if (LowIsBad(metric)) return deviation.drop;
  if (IsSymptom(metric)) return deviation.rise;
  return std::max(deviation.rise, deviation.drop);
}

std::vector<double> CallMoves(const CallGraph& graph, absl::Span<const std::string> columns,
                              absl::Span<const Deviation> deviations) {
  bool symptoms = false;
  for (const CallGraph::Call& call : graph.calls()) {
    for (const size_t c : call.columns) symptoms = symptoms || IsSymptom(MetricOf(columns[c]));
  }
  std::vector<double> moves(graph.calls().size(), kNone);
  for (size_t i = 0; i < moves.size(); ++i) {
    for (const size_t c : graph.calls()[i].columns) {
      const std::string metric = MetricOf(columns[c]);
      if (!deviations[c].measured || (symptoms && !IsSymptom(metric))) continue;
      const double move = symptoms ? BadMove(metric, deviations[c]) : deviations[c].rise;
      moves[i] = LargestMeasured(moves[i], move);
    }
  }
  return moves;
}

std::map<std::string, Family> OwnFamilies(const CallGraph& graph,
                                          absl::Span<const std::string> columns,
                                          absl::Span<const Deviation> deviations,
                                          absl::Span<const double> call_moves) {
  std::map<std::string, Family> families;
  std::map<std::string, bool> is_symptom;
  bool symptoms = false;
  for (size_t s = 0; s < graph.services().size(); ++s) {
    std::map<std::string, std::vector<double>> moves;
    for (const size_t c : graph.services()[s].columns) {
      if (!deviations[c].measured) continue;
      const std::string metric = MetricOf(columns[c]);
      const std::string family = SignalFamily(metric);
      moves[family].push_back(BadMove(metric, deviations[c]));
      is_symptom[family] = IsSymptom(metric);
      symptoms = symptoms || is_symptom[family];
    }
    for (const auto& [family, values] : moves) {
      Family& entry = families[family];
      entry.raw.resize(graph.services().size(), kNone);
      entry.raw[s] = PowerMean(values);
    }
  }
  for (auto& [name, family] : families) {
    family.excused = family.raw;
    const double excuse = symptoms ? (is_symptom[name] ? 1 : 0) : kUnnamedExcuse;
    for (size_t s = 0; excuse > 0 && s < family.raw.size(); ++s) {
      const double explained = excuse * Explained(graph, s, family.raw, call_moves);
      family.excused[s] = std::max(0.0, family.raw[s] - explained);
      if (std::isnan(family.raw[s])) family.excused[s] = kNone;
    }
    TakeShares(family);
  }
  return families;
}

Family CallersView(const CallGraph& graph, absl::Span<const double> call_moves) {
  Family view;
  for (const CallGraph::Service& service : graph.services()) {
    double sum = 0;
    int measured = 0;
    for (const size_t call : service.incoming) {
      if (std::isnan(call_moves[call])) continue;
      sum += call_moves[call];
      ++measured;
    }
    view.raw.push_back(measured == 0 ? kNone : sum / measured);
  }
  view.excused = view.raw;
  TakeShares(view);
  return view;
}

void TakeShares(Family& family) {
  double squares = 0;
  size_t owners = 0;
  for (const double x : family.excused) {
    if (std::isnan(x)) continue;
    squares += x * x;
    ++owners;
  }
  if (owners < kFewestPeers) squares += kQuietPeer * static_cast<double>(kFewestPeers - owners);
  family.evidence.assign(family.excused.size(), 0);
  for (size_t s = 0; s < family.excused.size(); ++s) {
    const double x = family.excused[s];
    if (x > 0 && squares > 0) family.evidence[s] = x * x * x / squares;
  }
}

}  // namespace grayling
