#include "ml/trainer/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/trainer/checkpoint.h"
#include "ml/trainer/network_crops.h"
#include "ml/trainer/network_fingerprint.h"
#include "ml/trainer/network_module.h"

namespace grayling {
namespace {

double PositiveWeight(absl::Span<const TrainingSequence> sequences, double cap) {
  double positive = 0, negative = 0;
  for (const TrainingSequence& sequence : sequences) {
    for (size_t r = 0; r < sequence.targets.size(); ++r) {
      (sequence.targets[r] > 0.5F ? positive : negative) += sequence.weights[r];
    }
  }
  if (positive <= 0 || negative <= 0) return 0;
  return std::clamp(negative / positive, 1.0, std::max(cap, 1.0));
}

std::vector<torch::Tensor> Copies(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> copies;
  for (const torch::Tensor& tensor : tensors) copies.push_back(tensor.detach().clone());
  return copies;
}

void Assign(const std::vector<torch::Tensor>& from, const std::vector<torch::Tensor>& to) {
  const torch::NoGradGuard no_gradient;
  for (size_t p = 0; p < to.size(); ++p) to[p].copy_(from.at(p));
}

// The tensor that looks at `values`; on the CPU without a copy.
torch::Tensor View(const std::vector<float>& values, std::vector<int64_t> shape,
                   const torch::Device& device) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32).to(device);
}

// One training, from the first step or from a checkpoint.
class Training {
 public:
  Training(absl::Span<const TrainingSequence> sequences, const NetworkSettings& settings,
           double positive_weight, const TrainingControl& control)
      : settings_(settings),
        control_(control),
        positive_weight_(positive_weight),
        device_(settings.device),
        fused_(settings.fused && device_.is_cpu()),
        crops_(sequences, settings),
        module_(settings, sequences[0].inputs.cols(), crops_.random()),
        optimizer_(module_.parameters(), torch::optim::AdamWOptions(settings.learning_rate)
                                             .weight_decay(settings.weight_decay)) {
    state_.average = Copies(module_.parameters());
  }

  absl::StatusOr<NetworkWeights> Execute(const std::string& fingerprint,
                                         const EpochCallback& on_epoch) {
    if (!control_.checkpoint.empty()) GRAYLING_RETURN_IF_ERROR(Resume(fingerprint));
    while (state_.epoch < settings_.epochs && !Exhausted()) {
      const double loss = Epoch();
      if (Stopped()) break;
      ++state_.epoch;
      const NetworkWeights weights = module_.Export(state_.average);
      if (control_.validate) Judge(control_.validate(weights));
      if (on_epoch) on_epoch(state_.epoch, loss, weights);
      if (!control_.checkpoint.empty()) GRAYLING_RETURN_IF_ERROR(Save(fingerprint));
    }
    return module_.Export(state_.best.empty() ? state_.average : state_.best);
  }

 private:
  bool Stopped() const {
    return control_.stop != nullptr && control_.stop->load(std::memory_order_relaxed);
  }
  bool Exhausted() const {
    return control_.validate && !state_.best.empty() &&
           state_.epoch - state_.best_epoch >= control_.patience;
  }

  void Judge(double quality) {
    if (!state_.best.empty() && !(quality > state_.best_quality)) return;
    state_.best = Copies(state_.average);
    state_.best_quality = std::isnan(quality) ? -std::numeric_limits<double>::infinity() : quality;
    state_.best_epoch = state_.epoch;
  }

  double Epoch() {
    const int steps = crops_.StepsPerEpoch();
    double sum = 0;
    for (int i = 0; i < steps && !Stopped(); ++i) sum += Step();
    return sum / steps;
  }

  double Step() {
    const CropBatch& batch = crops_.Next();
    const int64_t features = static_cast<int64_t>(batch.inputs.size()) / (batch.rows * batch.crops);
    torch::Tensor mask;
    if (!batch.hidden_mask.empty()) {
      mask = View(batch.hidden_mask, {batch.rows, batch.crops, settings_.hidden}, device_);
    }
    const torch::Tensor logits = module_.Forward(
        View(batch.inputs, {batch.rows, batch.crops, features}, device_), mask, fused_);
    const torch::Tensor seen = logits.detach().cpu().contiguous();
    torch::Tensor gradient = torch::empty_like(seen);
    LossSettings loss_settings = settings_.loss;
    if (NeedsWarmUp(loss_settings.kind) && state_.epoch < loss_settings.warm_up_epochs) {
      loss_settings.kind = Loss::kCrossEntropy;
    }
    const auto cells = static_cast<size_t>(seen.numel());
    const double loss =
        LossGradient(loss_settings, positive_weight_, {seen.data_ptr<float>(), cells},
                     batch.targets, batch.weights, {gradient.data_ptr<float>(), cells});
    optimizer_.zero_grad();
    logits.backward(gradient.to(device_));
    torch::nn::utils::clip_grad_norm_(module_.parameters(), settings_.gradient_norm);
    optimizer_.step();
    Average();
    return loss;
  }

  void Average() {
    // Early averages must not remember the random start.
    const double decay =
        std::min(settings_.weight_average, (1.0 + static_cast<double>(state_.step)) /
                                               (10.0 + static_cast<double>(state_.step)));
    const torch::NoGradGuard no_gradient;
    for (size_t p = 0; p < state_.average.size(); ++p) {
      state_.average[p].mul_(decay).add_(module_.parameters()[p], 1 - decay);
    }
    ++state_.step;
  }

  absl::Status Resume(const std::string& fingerprint) {
    GRAYLING_ASSIGN_OR_RETURN(const bool found,
                              ReadCheckpoint(control_.checkpoint, fingerprint, state_, optimizer_));
    if (!found) return absl::OkStatus();
    Assign(state_.parameters, module_.parameters());
    crops_.random() = NetworkRandom(static_cast<uint64_t>(state_.random));
    for (auto* tensors : {&state_.average, &state_.best}) {
      for (torch::Tensor& tensor : *tensors) tensor = tensor.to(device_);
    }
    return absl::OkStatus();
  }

  absl::Status Save(const std::string& fingerprint) {
    state_.parameters = module_.parameters();
    state_.random = static_cast<int64_t>(crops_.random().state());
    return WriteCheckpoint(control_.checkpoint, fingerprint, state_, optimizer_);
  }

  const NetworkSettings& settings_;
  const TrainingControl& control_;
  const double positive_weight_;
  const torch::Device device_;
  const bool fused_;
  NetworkCrops crops_;
  const NetworkModule module_;
  torch::optim::AdamW optimizer_;
  TrainingState state_;
};

absl::Status CheckSettings(absl::Span<const TrainingSequence> sequences,
                           const NetworkSettings& settings) {
  if (sequences.empty() || sequences[0].inputs.cols() < 1 || settings.hidden < 1 ||
      settings.layers < 1 || settings.layers > 8 || settings.taps < 1 || settings.epochs < 1 ||
      settings.batch < 1 || settings.crop_rows < 1) {
    return absl::InvalidArgumentError(
        "training needs at least one sequence with a feature, 1 to 8 layers, and positive numbers "
        "of hidden units, taps, epochs, crops and rows");
  }
  if (!(settings.input_dropout >= 0 && settings.input_dropout < 1) ||
      !(settings.hidden_dropout >= 0 && settings.hidden_dropout < 1)) {
    return absl::InvalidArgumentError("dropout must be at least 0 and less than 1");
  }
  if (settings.device == "cpu") return absl::OkStatus();
  if (settings.device != "cuda") {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown device \"", settings.device, "\"; choose cpu or cuda"));
  }
  if (torch::cuda::is_available()) return absl::OkStatus();
  return absl::FailedPreconditionError("this libtorch finds no CUDA device; train with device cpu");
}

absl::Status Internal(const std::exception& error) {
  const std::string text = error.what();
  return absl::InternalError("libtorch failed: " + text.substr(0, text.find('\n')));
}

}  // namespace

absl::StatusOr<NetworkWeights> TrainNetwork(absl::Span<const TrainingSequence> sequences,
                                            const NetworkSettings& settings,
                                            const EpochCallback& on_epoch,
                                            const TrainingControl& control) {
  GRAYLING_RETURN_IF_ERROR(CheckSettings(sequences, settings));
  const double positive_weight = PositiveWeight(sequences, settings.positive_weight_cap);
  if (positive_weight <= 0) {
    return absl::InvalidArgumentError(
        "the training rows are all healthy or all faulty; a detector needs both: record fault "
        "windows with healthy time around them");
  }
  const std::string fingerprint =
      control.checkpoint.empty() ? "" : NetworkFingerprint(sequences, settings);
  try {
    return Training(sequences, settings, positive_weight, control).Execute(fingerprint, on_epoch);
  } catch (const std::exception& error) {
    return Internal(error);
  }
}

absl::StatusOr<std::vector<float>> ReferenceLogits(const NetworkWeights& weights,
                                                   const Matrix& inputs) {
  GRAYLING_RETURN_IF_ERROR(CheckShapes(weights, static_cast<int>(inputs.cols())));
  try {
    const torch::NoGradGuard no_gradient;
    const NetworkModule module(weights);
    const Eigen::VectorXf logits =
        ToVector(module.Forward(ToTensor(inputs).unsqueeze(1), {}, /*fused=*/false));
    return std::vector<float>(logits.begin(), logits.end());
  } catch (const std::exception& error) {
    return Internal(error);
  }
}

int64_t CountParameters(const NetworkWeights& weights) {
  int64_t count = weights.head_weights.size() + 1;
  for (const LayerWeights& layer : weights.layers) {
    count += layer.input.size() + layer.recurrent.size() + layer.bias.size() +
             layer.recurrent_bias.size();
  }
  return count;
}

}  // namespace grayling
