#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/detector.h"
#include "ml/core/evaluation.h"

namespace grayling {

// AC@1 over events with a named service: how often the blamed service was the faulty one.
struct BlameResult {
  int events = 0;
  int right = 0;  // missed events are wrong

  BlameResult& operator+=(const BlameResult& other) {
    events += other.events;
    right += other.right;
    return *this;
  }
};

// Follows one run row by row. The service blamed for an event is the one with the largest sum of
// scores over the alarm rows in [start, end + grace).
class BlameCount {
 public:
  // `run` and `services` outlive this.
  BlameCount(const Run& run, const std::vector<std::string>& services,
             const EvaluationSettings& settings);

  void Add(double time, const Verdict& verdict, absl::Span<const float> service_scores);
  BlameResult Result() const;

 private:
  const Run& run_;
  const std::vector<std::string>& services_;
  const double grace_s_;
  std::vector<std::vector<double>> sums_;  // per window, per service
};

}  // namespace grayling
