#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ml/trainer/crossval_folds.h"
#include "ml/trainer/fit.h"
#include "ml/trainer/fit_inputs.h"
#include "ml/trainer/fit_trials.h"

namespace grayling {

// The inner cross-validation of one fit: trains every kind of network on all folds but one, in
// turn, and keeps what it says about the rows of that one. Not thread-safe.
class FoldScores {
 public:
  // All outlive this. Every run of `data` may be learned from.
  FoldScores(const Dataset& data, const FitSettings& settings, const FitProgress& progress);

  // Ends early, and OK, when the settings' stop is set. A fold without which nothing can be learned
  // is left out with a note; INVALID_ARGUMENT when that happens to all.
  absl::Status ScoreAll();

  // The settings' networks with as many epochs as the bound on steps allows.
  const std::vector<NetworkSettings>& networks() const { return networks_; }
  const std::vector<Trial>& trials() const { return trials_; }  // per network
  int folds() const { return folds_; }                          // that were scored
  const std::vector<std::string>& notes() const { return notes_; }
  int done() const { return done_; }  // epochs of the progress
  int total() const { return total_; }

  // The runs with the rows that have a logit. `storage` holds them and outlives the result.
  std::vector<OutOfFoldRun> Judged(const RunLogits& logits, std::deque<Run>& storage) const;

  // The last single network that was judged on rows it had not seen.
  struct SoFar {
    PreparedInputs prepared;  // without sequences
    NetworkWeights weights;
    RunLogits logits;
    size_t network = 0;
    int epochs = 0;  // 0: none yet
  };
  const SoFar& so_far() const { return so_far_; }

 private:
  // The runs that have rows of a fold.
  struct FoldRows {
    std::vector<size_t> runs;
    std::vector<RunInputs> inputs;
  };

  bool Stopped() const { return settings_.stop != nullptr && settings_.stop->load(); }
  void LimitEpochs();
  RunLogits EmptyLogits() const;
  absl::Status ScoreFold(size_t fold);
  absl::StatusOr<FoldRows> RowsOf(size_t fold, const Model& model) const;
  // The networks of one member at its checkpoints.
  absl::StatusOr<std::vector<NetworkWeights>> TrainMember(size_t fold, size_t network, int member,
                                                          const PreparedInputs& prepared,
                                                          const FoldRows& rows);
  absl::Status ScoreNetwork(size_t fold, size_t network, const PreparedInputs& prepared,
                            const FoldRows& rows);
  // Fills in the fold's rows.
  absl::Status ScoreRows(size_t fold, const FoldRows& rows, const NetworkWeights& weights,
                         RunLogits& logits) const;
  double PrAuc(size_t fold, const RunLogits& logits) const;

  const Dataset& data_;
  const FitSettings& settings_;
  const FitProgress& progress_;
  FoldPlan plan_;
  std::vector<NetworkSettings> networks_;
  std::vector<Trial> trials_;
  std::vector<std::string> notes_;
  absl::Status fold_error_;
  SoFar so_far_;
  int folds_ = 0;
  int done_ = 0;
  int total_ = 0;
};

}  // namespace grayling
