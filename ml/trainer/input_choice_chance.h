#pragma once

#include <string>
#include <vector>

#include "ml/trainer/training_set.h"

namespace grayling {

// What chance alone would find: the F ratio of each candidate between fault-free stretches, as long
// as the events of a kind and from the same sequences, and the rest of the fault-free rows.
// Neighbouring rows resemble each other and rare bursts fall somewhere, so that F is larger than
// for independent rows; how much larger differs from candidate to candidate.
class ChanceRelevance {
 public:
  explicit ChanceRelevance(const TrainingSet& set);

  // Mean F over random placements of the kind's events, at least 1; per candidate. Deterministic.
  std::vector<double> For(const std::string& kind) const;

 private:
  struct Event {
    size_t sequence;
    Eigen::Index rows;
  };
  std::vector<Event> EventsOf(const std::string& kind) const;
  bool IsHealthy(const Event& event, Eigen::Index start) const;

  const TrainingSet& set_;
  double healthy_rows_ = 0;
  Eigen::ArrayXd sum_;  // over the fault-free rows, per candidate
  Eigen::ArrayXd squares_;
};

}  // namespace grayling
