#include "ml/trainer/compare_detectors.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/network_stepper.h"
#include "ml/core/novelty.h"
#include "ml/trainer/autoencoder.h"
#include "ml/trainer/fit.h"

namespace grayling {
namespace {

// Of this thread, in seconds: other work on the machine does not count.
double CpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Adds up what scoring costs.
class ScoringCost {
 public:
  template <typename Score>
  auto Measure(size_t rows, const Score& score) {
    const double start = CpuTime();
    auto result = score();
    seconds_ += CpuTime() - start;
    rows_ += rows;
    return result;
  }
  double row_us() const { return rows_ == 0 ? 0 : 1e6 * seconds_ / static_cast<double>(rows_); }

 private:
  double seconds_ = 0;
  size_t rows_ = 0;
};

absl::StatusOr<DetectorScores> Network(const NetworkSettings& settings, const FoldInputs& fold) {
  DetectorScores result;
  const double start = CpuTime();
  GRAYLING_ASSIGN_OR_RETURN(const NetworkWeights weights,
                            TrainNetwork(fold.prepared.sequences, settings, nullptr));
  result.epoch_s = (CpuTime() - start) / settings.epochs;
  result.parameters = CountParameters(weights);
  const auto features = fold.prepared.inputs.size();
  GRAYLING_ASSIGN_OR_RETURN(
      const std::unique_ptr<NetworkStepper> stepper,
      NetworkStepper::Create(weights, static_cast<int>(features), /*streams=*/1));
  ScoringCost cost;
  const auto score = [&](const Matrix& inputs) -> absl::StatusOr<std::vector<float>> {
    const auto rows = static_cast<size_t>(inputs.rows());
    return cost.Measure(rows, [&] {
      std::vector<float> logits(rows);
      stepper->Reset();
      for (size_t r = 0; r < rows; ++r) {
        logits[r] = stepper->Step(0, {inputs.data() + r * features, features});
      }
      return logits;
    });
  };
  for (const std::vector<StreamRows>& streams : fold.streams) {
    GRAYLING_ASSIGN_OR_RETURN(result.logits.emplace_back(), LargestOverStreams(streams, score));
  }
  result.row_us = cost.row_us();
  return result;
}

// Errors as robust z of their logarithm among the healthy training rows, so that folds compare.
absl::StatusOr<DetectorScores> Reconstruction(const AutoencoderSettings& settings,
                                              const FoldInputs& fold) {
  DetectorScores result;
  const double start = CpuTime();
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Autoencoder> autoencoder,
                            Autoencoder::Train(fold.prepared.sequences, settings));
  result.epoch_s = (CpuTime() - start) / settings.epochs;
  result.parameters = autoencoder->parameters();
  std::vector<float> healthy;
  for (const TrainingSequence& sequence : fold.prepared.sequences) {
    GRAYLING_ASSIGN_OR_RETURN(const std::vector<float> errors, autoencoder->Score(sequence.inputs));
    for (size_t r = 0; r < errors.size(); ++r) {
      if (sequence.weights[r] > 0 && sequence.targets[r] < 0.5F) {
        healthy.push_back(std::log(errors[r] + 1e-6F));
      }
    }
  }
  std::sort(healthy.begin(), healthy.end());
  const auto quantile = [&](double q) {
    return healthy[static_cast<size_t>(q * static_cast<double>(healthy.size() - 1))];
  };
  const float middle = quantile(0.5);
  const float spread = std::max(quantile(0.84) - quantile(0.16), 1e-3F) / 2;
  ScoringCost cost;
  const auto score = [&](const Matrix& inputs) {
    auto errors = cost.Measure(static_cast<size_t>(inputs.rows()),
                               [&] { return autoencoder->Score(inputs); });
    if (errors.ok()) {
      for (float& error : *errors) error = (std::log(error + 1e-6F) - middle) / spread;
    }
    return errors;
  };
  for (const std::vector<StreamRows>& streams : fold.streams) {
    GRAYLING_ASSIGN_OR_RETURN(result.logits.emplace_back(), LargestOverStreams(streams, score));
  }
  result.row_us = cost.row_us();
  return result;
}

// Whether any of these columns has a value in the run.
bool HasAny(const Run& run, const std::vector<Eigen::Index>& columns) {
  return std::any_of(columns.begin(), columns.end(), [&](Eigen::Index column) {
    return !run.values.col(column).array().isNaN().all();
  });
}

// Raw columns, no labels; the logarithm of the strangeness in thresholds of the fold's own model.
// NaN for a run that has none of the columns: another entity's, of which it cannot speak.
absl::StatusOr<DetectorScores> Pca(const FoldInputs& fold) {
  DetectorScores result;
  std::vector<const Run*> runs;
  for (const Run& run : fold.part.runs) runs.push_back(&run);
  NoveltySettings settings;
  settings.mode = NoveltyMode::kPca;
  settings.period_s = fold.part.period_s;
  GRAYLING_ASSIGN_OR_RETURN(const NoveltyModel model,
                            FitNovelty(fold.part.columns, runs, settings));
  for (const NoveltyPart& part : model.parts) {
    result.parameters += part.mean.size() + part.directions.size();
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<NoveltyScorer> scorer,
                            NoveltyScorer::Create(model));
  std::unordered_map<std::string, Eigen::Index> index;
  for (size_t c = 0; c < fold.columns->size(); ++c) {
    index[(*fold.columns)[c]] = static_cast<Eigen::Index>(c);
  }
  std::vector<Eigen::Index> positions;
  for (const std::string& column : model.columns) positions.push_back(index.at(column));
  std::vector<float> row(positions.size());
  ScoringCost cost;
  for (const Run* run : fold.held_out) {
    if (!HasAny(*run, positions)) {
      result.logits.emplace_back(run->time.size(), std::numeric_limits<float>::quiet_NaN());
      continue;
    }
    result.logits.push_back(cost.Measure(run->time.size(), [&] {
      std::vector<float> logits;
      scorer->Reset();
      for (Eigen::Index r = 0; r < run->values.rows(); ++r) {
        for (size_t c = 0; c < row.size(); ++c) row[c] = run->values(r, positions[c]);
        scorer->Step(row);
        logits.push_back(std::log(scorer->strangeness() / static_cast<float>(model.threshold) +
                                  std::numeric_limits<float>::min()));
      }
      return logits;
    }));
  }
  result.row_us = cost.row_us();
  return result;
}

}  // namespace

std::vector<ComparedDetector> DetectorsToCompare(const NetworkSettings& base) {
  std::vector<ComparedDetector> detectors;
  const auto add = [&](Architecture architecture, int layers, int hidden) {
    NetworkSettings network = base;
    network.architecture = architecture;
    network.layers = layers;
    network.hidden = hidden;
    detectors.push_back(
        {DescribeNetwork(network), ComparedDetector::Kind::kNetwork, std::move(network)});
  };
  add(Architecture::kLogistic, 1, base.hidden);
  add(Architecture::kLstm, 1, 16);
  add(Architecture::kLstm, 1, 32);
  add(Architecture::kLstm, 1, 64);
  add(Architecture::kLstm, 2, 32);
  add(Architecture::kGru, 1, 32);
  add(Architecture::kConvolution, 3, 32);
  detectors.push_back({"lstm autoencoder", ComparedDetector::Kind::kAutoencoder, base});
  detectors.push_back({"pca reconstruction", ComparedDetector::Kind::kPca, base});
  return detectors;
}

std::vector<ComparedDetector> LossesToCompare(const NetworkSettings& base) {
  std::vector<ComparedDetector> detectors;
  for (const Loss loss :
       {Loss::kCrossEntropy, Loss::kMixed, Loss::kFocal, Loss::kSoftF, Loss::kTversky}) {
    const bool weighted = loss == Loss::kCrossEntropy || loss == Loss::kMixed;
    for (const double cap : {1.0, 10.0}) {
      if (cap > 1 && !weighted) continue;
      NetworkSettings network = base;
      network.loss.kind = loss;
      network.positive_weight_cap = cap;
      detectors.push_back({LossName(loss), ComparedDetector::Kind::kNetwork, network});
    }
  }
  return detectors;
}

absl::StatusOr<DetectorScores> TrainAndScore(const ComparedDetector& detector,
                                             const FoldInputs& fold) {
  switch (detector.kind) {
    case ComparedDetector::Kind::kNetwork:
      return Network(detector.network, fold);
    case ComparedDetector::Kind::kAutoencoder: {
      AutoencoderSettings settings;
      settings.hidden = detector.network.hidden;
      settings.epochs = detector.network.epochs;
      settings.seed = detector.network.seed;
      return Reconstruction(settings, fold);
    }
    case ComparedDetector::Kind::kPca:
      return Pca(fold);
  }
  return absl::InternalError(absl::StrCat("no such detector: ", detector.name));
}

}  // namespace grayling
