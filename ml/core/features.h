#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/feature_aggregate.h"
#include "ml/core/feature_name.h"
#include "ml/core/feature_signal.h"
#include "ml/core/feature_state.h"
#include "ml/core/feature_warm_up.h"
#include "ml/core/model.h"
#include "ml/core/observability.h"

namespace grayling {

// Turns raw rows into the features of every stream, one pass, row by row: the kinds of
// feature_name.h. Step() does not allocate. Not thread-safe.
class FeatureBank {
 public:
  // `scales` belong to `columns`; a scale at kUnknownLocation takes its location from the column's
  // first values (feature_warm_up.h); the column is missing until then. `services` empty means one
  // stream of all plain columns. INVALID_ARGUMENT when a feature's signal is in no column or sizes
  // do not match.
  static absl::StatusOr<FeatureBank> Create(std::vector<std::string> columns,
                                            std::vector<ColumnScale> scales,
                                            std::vector<std::string> services,
                                            const std::vector<std::string>& features);

  int streams() const { return streams_; }
  int features() const { return static_cast<int>(features_.size()); }

  void Reset();
  // `row`: one value per column, NaN is missing. The results are valid until the next call.
  void Step(absl::Span<const float> row);
  // streams x features, of the last Step.
  const Matrix& output() const { return output_; }
  // Whether any of the stream's own inputs (not the shared context) was there in the last Step.
  bool present(int stream) const { return present_[static_cast<size_t>(stream)] != 0; }

 private:
  static constexpr size_t kSources = 3;  // kAggregated
  static constexpr size_t kRises = 3;    // kRising

  struct Signal {
    std::string name;
    SignalClass what = SignalClass::kOther;
    bool shared = false;  // context of several streams: its state is kept once
    bool own_latency = false;
    bool of_client = false;                 // latency or errors as a client sees them
    std::vector<std::vector<int>> columns;  // per stream, the columns whose mean it is
  };
  struct Feature {
    FeatureKind kind;
    int signal;     // -1 for an aggregate
    size_t source;  // of an aggregate: index into kAggregated or kRising
  };
  // Where the aggregates of one stream, or of the system, are gathered.
  struct Evidence {
    Deviations deviations[kSources];
    float rise[kRises] = {};
    Observability observability;
  };
  struct Level {
    float x, u;
  };

  FeatureBank() = default;
  void AddColumns(const std::vector<std::string>& columns,
                  const std::vector<std::string>& services);
  absl::Status AddFeatures(const std::vector<std::string>& names);
  void MakeStates();
  void MarkClientView();
  int LoadSignalOf(int stream) const;
  Level Mean(absl::Span<const int> columns) const;
  size_t Slot(int stream, int signal) const {
    const auto i = static_cast<size_t>(signal);
    return (signals_[i].shared ? 0 : static_cast<size_t>(stream)) * signals_.size() + i;
  }
  const SignalState& At(int stream, int signal) const { return states_[Slot(stream, signal)]; }
  void StepStream(int stream);
  void GatherEvidence();
  void Gather(int stream, int signal, Evidence& evidence) const;
  float OwnLatency(int stream) const;
  float PeerMedian(int stream, int signal);
  float Evaluate(const Feature& feature, int stream);
  float EvaluateAggregate(const Feature& feature, int stream) const;

  int streams_ = 1;
  std::vector<ColumnScale> scales_;
  std::vector<LocationWarmUp> warm_ups_;
  std::vector<Signal> signals_;
  std::vector<Feature> features_;
  bool any_aggregate_ = false;
  std::vector<int> load_signal_;     // per stream; -1: none
  int shared_load_signal_ = -1;      // for signals of the whole system
  std::vector<float> centres_;       // streams x signals
  std::vector<SignalState> states_;  // streams x signals; shared ones in stream 0
  std::vector<float> u_, x_;         // per column
  std::vector<Level> levels_;        // per signal, of the stream at hand
  std::vector<float> own_latency_;   // per stream
  std::vector<float> peers_;
  std::vector<char> present_;
  std::vector<Evidence> evidence_;  // per stream
  Evidence system_;
  Matrix output_;
};

}  // namespace grayling
