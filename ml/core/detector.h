#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/model.h"

namespace grayling {

struct ServiceScore {
  std::string service;
  float score = 0;
};

struct Verdict {
  float score = 0;     // largest of the services' scores
  bool alarm = false;  // thresholded and debounced
  int blamed = -1;     // index of the service with the largest score; -1: none
};

// Runs one model row by row: clean, features, network, threshold, debounce. Batch scoring and the
// live detector both use this class, so their outputs are equal bit for bit. Step() does not
// allocate. Not thread-safe.
class Detector {
 public:
  // INVALID_ARGUMENT when the model's parts do not fit together.
  static absl::StatusOr<std::unique_ptr<Detector>> Create(const Model& model);
  ~Detector();

  const std::vector<std::string>& input_columns() const;
  const std::vector<std::string>& services() const;  // one entry "" for a whole-system model

  // Forgets all history, as at the start of a run.
  void Reset();
  // `row` holds the model's input columns in order; NaN is missing.
  Verdict Step(absl::Span<const float> row);
  // Scores of the last Step, one per service.
  absl::Span<const float> service_scores() const;
  // Logits of the last Step before the temperature, one per service; a service without any input of
  // its own in that row has the lowest score, 0, and a logit of minus infinity: absence is no
  // alarm.
  absl::Span<const float> service_logits() const;

 private:
  struct Impl;
  struct NetworkImpl;
  struct NoveltyImpl;
  explicit Detector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Places the detector's input columns in the rows of a dataset with `columns`; -1 where one is
// absent.
std::vector<int> InputPositions(const Detector& detector, absl::Span<const std::string> columns);

// Resets the detector and steps it through a whole run; `visit` sees every verdict in order and may
// ask for the service scores. `positions` comes from InputPositions.
void ForEachVerdict(Detector& detector, const Run& run, absl::Span<const int> positions,
                    const std::function<void(size_t row, const Verdict& verdict)>& visit);

// The verdicts of a whole run, one per row.
std::vector<Verdict> ScoreRun(Detector& detector, const Run& run, absl::Span<const int> positions);

}  // namespace grayling
