#include "ml/trainer/fit_folds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/core/features.h"
#include "ml/trainer/fit_ensemble.h"

namespace grayling {
namespace {

constexpr float kUnscored = std::numeric_limits<float>::quiet_NaN();
// A network's training ends after so many checkpoints without a better one.
constexpr size_t kPatienceCheckpoints = 4;
constexpr int kLeastEpochs = 4;

bool PatienceIsOver(const std::vector<double>& curve) {
  const auto best = std::max_element(curve.begin(), curve.end());
  return static_cast<size_t>(curve.end() - best) > kPatienceCheckpoints;
}

}  // namespace

FoldScores::FoldScores(const Dataset& data, const FitSettings& settings,
                       const FitProgress& progress)
    : data_(data), settings_(settings), progress_(progress), networks_(settings.networks) {}

absl::Status FoldScores::ScoreAll() {
  const int most_folds =
      CountRows(data_) > kManyRows ? std::min(settings_.most_folds, 3) : settings_.most_folds;
  GRAYLING_ASSIGN_OR_RETURN(plan_, PlanFolds(data_, HoldOut::kGroup, settings_.labels.recovery_s,
                                             static_cast<size_t>(most_folds)));
  if (!plan_.note.empty()) notes_.push_back(plan_.note);
  LimitEpochs();
  trials_.resize(networks_.size());
  for (size_t f = 0; f < plan_.names.size() && !Stopped(); ++f) {
    GRAYLING_RETURN_IF_ERROR(ScoreFold(f));
  }
  return folds_ == 0 && !Stopped() ? fold_error_ : absl::OkStatus();
}

void FoldScores::LimitEpochs() {
  // A stream per service.
  size_t rows = CountRows(data_) * std::max<size_t>(1, ServicesOf(data_.columns).size());
  rows = std::min(rows, settings_.most_training_rows);
  for (NetworkSettings& network : networks_) {
    const auto crops = static_cast<size_t>(network.batch) * static_cast<size_t>(network.crop_rows);
    const int steps = std::max(network.least_steps, static_cast<int>(rows / crops));
    network.epochs = std::min(network.epochs, std::max(kLeastEpochs, settings_.most_steps / steps));
    total_ += network.epochs * settings_.members * static_cast<int>(plan_.names.size());
  }
  total_ +=
      networks_.empty() ? 0 : networks_.back().epochs * settings_.members;  // for the final fit
}

RunLogits FoldScores::EmptyLogits() const {
  RunLogits logits;
  for (const Run& run : data_.runs) logits.emplace_back(run.time.size(), kUnscored);
  return logits;
}

absl::Status FoldScores::ScoreFold(size_t fold) {
  const Dataset part = TrainingPart(data_, plan_, static_cast<int>(fold));
  absl::StatusOr<PreparedInputs> prepared =
      PrepareInputs(part, settings_.selection, settings_.labels, settings_.clean);
  if (!prepared.ok()) {
    fold_error_ = prepared.status();
    notes_.push_back(absl::StrCat("without ", plan_.names[fold],
                                  " nothing can be learned, so it is left out of the choice of the "
                                  "threshold: ",
                                  prepared.status().message()));
    return absl::OkStatus();
  }
  prepared->sequences = ThinSequences(std::move(prepared->sequences), settings_.most_training_rows);
  GRAYLING_ASSIGN_OR_RETURN(const FoldRows rows, RowsOf(fold, prepared->model));
  for (size_t n = 0; n < networks_.size() && !Stopped(); ++n) {
    GRAYLING_RETURN_IF_ERROR(ScoreNetwork(fold, n, *prepared, rows));
  }
  ++folds_;
  return absl::OkStatus();
}

absl::StatusOr<FoldScores::FoldRows> FoldScores::RowsOf(size_t fold, const Model& model) const {
  FoldRows rows;
  for (size_t i = 0; i < data_.runs.size(); ++i) {
    const std::vector<int>& folds = plan_.fold_of_row[i];
    if (std::find(folds.begin(), folds.end(), static_cast<int>(fold)) == folds.end()) continue;
    GRAYLING_ASSIGN_OR_RETURN(RunInputs inputs,
                              RunInputs::Create(model, data_.runs[i], data_.columns));
    rows.runs.push_back(i);
    rows.inputs.push_back(std::move(inputs));
  }
  return rows;
}

absl::StatusOr<std::vector<NetworkWeights>> FoldScores::TrainMember(size_t fold, size_t n,
                                                                    int member,
                                                                    const PreparedInputs& prepared,
                                                                    const FoldRows& rows) {
  NetworkSettings network = networks_[n];
  network.seed += static_cast<uint64_t>(member);
  const std::string stage =
      absl::StrCat("fold ", fold + 1, "/", plan_.names.size(), "  ", DescribeNetwork(network), "  ",
                   member + 1, "/", settings_.members);
  const std::vector<int> epochs = CheckpointEpochs(network.epochs);
  std::vector<NetworkWeights> checkpoints;
  std::vector<double> curve;
  std::atomic<bool> enough = false;
  absl::Status scored = absl::OkStatus();
  const auto on_epoch = [&](int epoch, double loss, const NetworkWeights& weights) {
    if (epoch == epochs[curve.size()]) {
      so_far_ = {{prepared.model, prepared.inputs, {}}, weights, EmptyLogits(), n, epoch};
      scored.Update(ScoreRows(fold, rows, weights, so_far_.logits));
      curve.push_back(PrAuc(fold, so_far_.logits));
      checkpoints.push_back(weights);
    }
    if (Stopped() || PatienceIsOver(curve)) enough = true;
    if (!progress_) return;
    const std::string quality =
        curve.empty() ? "" : absl::StrFormat("  held-out PR-AUC %.2f", curve.back());
    progress_(done_ + epoch, total_,
              absl::StrFormat("%s  epoch %d/%d  loss %.3f%s", stage, epoch, network.epochs, loss,
                              quality));
  };
  TrainingControl control;
  control.stop = &enough;
  const auto weights = TrainNetwork(prepared.sequences, network, on_epoch, control);
  done_ += network.epochs;
  GRAYLING_RETURN_IF_ERROR(weights.status());
  GRAYLING_RETURN_IF_ERROR(scored);
  return checkpoints;
}

absl::Status FoldScores::ScoreNetwork(size_t fold, size_t n, const PreparedInputs& prepared,
                                      const FoldRows& rows) {
  std::vector<std::vector<NetworkWeights>> members;
  size_t common = CheckpointEpochs(networks_[n].epochs).size();
  for (int member = 0; member < settings_.members; ++member) {
    GRAYLING_ASSIGN_OR_RETURN(std::vector<NetworkWeights> checkpoints,
                              TrainMember(fold, n, member, prepared, rows));
    if (Stopped()) return absl::OkStatus();
    common = std::min(common, checkpoints.size());
    members.push_back(std::move(checkpoints));
  }
  Trial& trial = trials_[n];
  std::vector<double>& curve = trial.pr_auc.emplace_back();
  for (size_t c = 0; c < common; ++c) {
    std::vector<NetworkWeights> networks;
    for (auto& checkpoints : members) networks.push_back(std::move(checkpoints[c]));
    if (trial.logits.size() == c) trial.logits.push_back(EmptyLogits());
    GRAYLING_RETURN_IF_ERROR(ScoreRows(fold, rows, AverageOf(networks), trial.logits[c]));
    curve.push_back(PrAuc(fold, trial.logits[c]));
  }
  return absl::OkStatus();
}

absl::Status FoldScores::ScoreRows(size_t fold, const FoldRows& rows, const NetworkWeights& weights,
                                   RunLogits& logits) const {
  for (size_t i = 0; i < rows.runs.size(); ++i) {
    const size_t run = rows.runs[i];
    GRAYLING_ASSIGN_OR_RETURN(const std::vector<float> all, rows.inputs[i].SystemLogits(weights));
    for (size_t r = 0; r < all.size(); ++r) {
      if (plan_.fold_of_row[run][r] == static_cast<int>(fold)) logits[run][r] = all[r];
    }
  }
  return absl::OkStatus();
}

double FoldScores::PrAuc(size_t fold, const RunLogits& logits) const {
  RunLogits own = EmptyLogits();
  for (size_t i = 0; i < own.size(); ++i) {
    for (size_t r = 0; r < own[i].size(); ++r) {
      if (plan_.fold_of_row[i][r] == static_cast<int>(fold)) own[i][r] = logits[i][r];
    }
  }
  std::deque<Run> storage;
  return Evaluate(ToScores(Judged(own, storage), {}), settings_.evaluation).pr_auc;
}

std::vector<OutOfFoldRun> FoldScores::Judged(const RunLogits& logits,
                                             std::deque<Run>& storage) const {
  std::vector<OutOfFoldRun> judged;
  for (size_t i = 0; i < logits.size(); ++i) {
    const Run& run = data_.runs[i];
    Run rows;
    OutOfFoldRun scored;
    for (size_t r = 0; r < logits[i].size(); ++r) {
      if (!std::isfinite(logits[i][r])) continue;
      rows.time.push_back(run.time[r]);
      scored.logits.push_back(logits[i][r]);
    }
    if (rows.time.empty()) continue;
    rows.id = run.id;
    rows.group = run.group;
    rows.windows = run.windows;
    storage.push_back(std::move(rows));
    scored.run = &storage.back();
    judged.push_back(std::move(scored));
  }
  return judged;
}

}  // namespace grayling
