#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/model.h"

namespace grayling {

// What a network input is made of. `x` is the standardised signal (scale.h) of one stream at one
// row, 0 where missing; all rolling state is causal and counts rows, not seconds.
enum class FeatureKind {
  kValue,  // value(s): x
  kFast,   // fast(s):  f_t = f + 0.4 * (x - f): the level of the last seconds
  kShift,  // shift(s): fast - slow, slow_t = w + 0.02 * (x - w): what changed, whatever the load
  kPeak,   // peak(s):  the x of largest magnitude in the last 5 rows: sparse counters, short stalls
  kPeer,   // peer(s):  fast minus the median fast of the other streams (IASO, Panorama: peers share
           // load)
  kEdge,   // edge(s):  fast of the callers' latency minus the mean fast of the callee's own
           // latencies: what its clients see and the service itself does not
};

// One input of the network. A signal is a metric as a stream sees it: `metric` of the service
// itself, `edge:metric` as its callers see it (mean over callers), `context:metric` of the whole
// system.
struct FeatureSpec {
  FeatureKind kind = FeatureKind::kValue;
  std::string signal;
};

// "shift(edge:duration_mean)" and back. INVALID_ARGUMENT for anything else.
std::string FeatureName(const FeatureSpec& feature);
absl::StatusOr<FeatureSpec> ParseFeature(absl::string_view name);

// The services that own columns: `X` of `X/metric`, in order of first appearance. Names with
// characters other than letters, digits, '.', '_' and '-' are no services but part of a metric's
// name.
std::vector<std::string> ServicesOf(absl::Span<const std::string> columns);

// Every feature that these columns can give, in a fixed order.
std::vector<std::string> CandidateFeatures(absl::Span<const std::string> columns,
                                           absl::Span<const std::string> services);

// The columns that these features read, in the order of `columns`; the rest may be dropped without
// changing any of them.
std::vector<std::string> ColumnsFor(absl::Span<const std::string> features,
                                    absl::Span<const std::string> columns,
                                    absl::Span<const std::string> services);

// Turns raw rows into the features of every stream, one pass, row by row. Step() does not allocate.
// Not thread-safe.
class FeatureBank {
 public:
  // `scales` belong to `columns`; `services` empty means one stream of all plain columns.
  // INVALID_ARGUMENT when a feature's signal is in no column or sizes do not match.
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
  static constexpr int kPeakRows = 5;

  struct Signal {
    std::string name;
    bool shared = false;                    // context
    std::vector<std::vector<int>> columns;  // per stream, the columns whose mean it is
  };
  struct Feature {
    FeatureKind kind;
    int signal;
  };
  struct Rolling {
    float value = 0;
    float fast = 0;
    float slow = 0;
    bool started = false;
    bool missing = true;
    float recent[kPeakRows] = {};
  };

  FeatureBank() = default;
  Rolling& At(int stream, int signal) {
    return rolling_[static_cast<size_t>(stream) * signals_.size() + static_cast<size_t>(signal)];
  }
  void Update(Rolling& rolling, float value);
  float Evaluate(const Feature& feature, int stream);
  float PeerMedian(int stream, int signal);

  int streams_ = 1;
  std::vector<ColumnScale> scales_;
  std::vector<Signal> signals_;
  std::vector<int> own_latency_;  // signals
  std::vector<Feature> features_;
  std::vector<float> scaled_;             // per column
  std::vector<Rolling> rolling_;          // streams x signals
  std::vector<float> own_latency_level_;  // per stream
  std::vector<float> peers_;
  std::vector<char> present_;
  size_t row_ = 0;
  Matrix output_;
};

}  // namespace grayling
