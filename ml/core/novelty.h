#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ml/core/column_scale.h"
#include "ml/core/dataset.h"

namespace grayling {

// Detection without labels: how unlike the training rows is this row? All modes standardise the
// columns robustly, let the reference follow slow drift, and measure a weighted distance.
enum class NoveltyMode {
  kAuto,      // the mean of a distance between levels and one between levels and changes together
  kDistance,  // how far a row lies from the training rows (Mahalanobis, shrunken covariance)
  kForecast,  // how far it lies from an exponentially weighted forecast of it
  kPca,       // what the leading principal components cannot give back
};

// "auto", "distance", "forecast", "pca" and back; INVALID_ARGUMENT names the choices.
std::string NoveltyModeName(NoveltyMode mode);
absl::StatusOr<NoveltyMode> ParseNoveltyMode(absl::string_view name);

// What a part of the model looks at, with C columns. The level is the standardised value less slow
// drift; the change is the level less its exponentially weighted mean.
enum class NoveltyInput {
  kLevel,           // C values
  kChange,          // C values
  kLevelAndChange,  // 2 C values, the levels first
};

// One quadratic form: q(x) = sum over k of weights_k * (directions_k . y)^2 + rest_weight * |what
// of y is in no direction|^2, y = x - mean. With weights 1 / (eigenvalue + shrinkage) it is a
// squared Mahalanobis distance; with weights 0 it is the reconstruction error of a PCA.
struct NoveltyPart {
  NoveltyInput input = NoveltyInput::kLevel;
  Eigen::VectorXf mean;     // D
  Matrix directions;        // K x D, orthonormal rows
  Eigen::VectorXf weights;  // K
  float rest_weight = 0;
  float usual = 1;  // mean of q over the training rows; > 0
};

// Fitted on one entity's training rows, which are taken to be mostly healthy. A row's strangeness
// is the mean over the parts of log(1 + q / usual).
struct NoveltyModel {
  std::vector<std::string> columns;  // read, in this order; columns without any value are left out
  std::vector<ColumnScale> scales;   // per column
  float drift_rate = 0;              // per row; how fast the reference follows the levels
  std::vector<NoveltyPart> parts;
  double threshold = 1;  // on the strangeness; > 0
  // The alarm needs `alarm_votes` of the last `alarm_rows` rows at or over the threshold.
  int alarm_votes = 1;
  int alarm_rows = 1;
  int64_t training_rows = 0;
  // Strangeness of a usual row: by as much as its slow mean exceeds this, the alarm's threshold is
  // higher, so that a lasting change does not keep the alarm on for good. Negative: it stays.
  float usual_strangeness = -1;
};

// OK when all shapes fit together; INVALID_ARGUMENT names what does not.
absl::Status CheckNovelty(const NoveltyModel& model);

struct NoveltySettings {
  NoveltyMode mode = NoveltyMode::kAuto;
  double period_s = 1;               // between rows
  double false_alarms_per_hour = 1;  // what the alarm rule aims at; > 0
};

// Fits on all rows of `runs`, whose values have one column per entry of `columns`, without a look
// at their windows. The alarm rule (novelty_threshold.h) comes from scores of the training rows, by
// this model and by models that were fitted without them. Deterministic. INVALID_ARGUMENT with
// fewer than 8 rows or no value at all.
absl::StatusOr<NoveltyModel> FitNovelty(absl::Span<const std::string> columns,
                                        absl::Span<const Run* const> runs,
                                        const NoveltySettings& settings);

// Scores rows one by one, causally. Not thread-safe; Step() does not allocate.
class NoveltyScorer {
 public:
  // INVALID_ARGUMENT when the model's shapes do not fit together.
  static absl::StatusOr<std::unique_ptr<NoveltyScorer>> Create(const NoveltyModel& model);
  virtual ~NoveltyScorer() = default;

  virtual void Reset() = 0;
  // `row` has the model's columns in order, NaN is missing. s / (s + threshold) of the strangeness
  // s: in [0, 1), larger is stranger, 0.5 at the threshold. What ranks rows: it does not follow
  // lasting changes as the alarm does.
  virtual float Step(absl::Span<const float> row) = 0;
  // Whether the alarm stands after the last Step: votes counted, lasting changes allowed for.
  virtual bool alarm() const = 0;
  // The strangeness of the last Step.
  virtual float strangeness() const = 0;
};

}  // namespace grayling
