#include "ml/trainer/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <random>
#include <string>

namespace grayling {
namespace {

torch::Tensor FromMatrix(const Matrix& matrix) {
  return torch::from_blob(const_cast<float*>(matrix.data()), {matrix.rows(), matrix.cols()},
                          torch::kFloat32)
      .clone();
}

Matrix ToMatrix(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().contiguous();
  return Eigen::Map<const Matrix>(flat.data_ptr<float>(), flat.size(0), flat.size(1));
}

Eigen::VectorXf ToVector(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().contiguous();
  return Eigen::Map<const Eigen::VectorXf>(flat.data_ptr<float>(), flat.numel());
}

struct NetworkImpl : torch::nn::Module {
  NetworkImpl(int64_t inputs, int64_t hidden)
      : lstm(torch::nn::LSTMOptions(inputs, hidden).batch_first(true)), head(hidden, 1) {
    register_module("lstm", lstm);
    register_module("head", head);
  }
  // batch x rows x features -> batch x rows
  torch::Tensor Forward(const torch::Tensor& inputs, double hidden_dropout) {
    torch::Tensor hidden = std::get<0>(lstm->forward(inputs));
    if (hidden_dropout > 0) hidden = torch::dropout(hidden, hidden_dropout, /*train=*/true);
    return head->forward(hidden).squeeze(2);
  }
  torch::nn::LSTM lstm;
  torch::nn::Linear head;
};
TORCH_MODULE(Network);

// In the order of Network::parameters(): W_ih, W_hh, b_ih, b_hh, head weight, head bias.
NetworkWeights Export(const std::vector<torch::Tensor>& parameters) {
  NetworkWeights weights;
  weights.lstm.input = ToMatrix(parameters[0]);
  weights.lstm.recurrent = ToMatrix(parameters[1]);
  weights.lstm.bias = ToVector(parameters[2] + parameters[3]);
  weights.head_weights = ToVector(parameters[4]);
  weights.head_bias = parameters[5].item<float>();
  return weights;
}

struct Batch {
  torch::Tensor inputs, targets, weights;
};

// Random crops of random sequences, longer sequences more often.
class CropSampler {
 public:
  CropSampler(absl::Span<const TrainingSequence> sequences, const NetworkSettings& settings)
      : sequences_(sequences), settings_(settings), random_(settings.seed) {
    std::vector<double> lengths;
    int64_t longest = 1;
    for (const TrainingSequence& sequence : sequences) {
      const int64_t rows = sequence.inputs.rows();
      lengths.push_back(static_cast<double>(rows));
      longest = std::max(longest, rows);
      rows_ += rows;
    }
    crop_ = std::min<int64_t>(settings.crop_rows, longest);
    pick_ = std::discrete_distribution<size_t>(lengths.begin(), lengths.end());
  }

  int StepsPerEpoch() const {
    return std::max(settings_.least_steps, static_cast<int>(rows_ / (settings_.batch * crop_)));
  }

  Batch Next() {
    const int64_t features = sequences_[0].inputs.cols();
    Batch batch{torch::zeros({settings_.batch, crop_, features}),
                torch::zeros({settings_.batch, crop_}), torch::zeros({settings_.batch, crop_})};
    auto* inputs = batch.inputs.data_ptr<float>();
    auto* targets = batch.targets.data_ptr<float>();
    auto* weights = batch.weights.data_ptr<float>();
    for (int64_t b = 0; b < settings_.batch; ++b) {
      const TrainingSequence& sequence = sequences_[pick_(random_)];
      const int64_t rows = sequence.inputs.rows();
      const int64_t taken = std::min(rows, crop_);
      const int64_t start = std::uniform_int_distribution<int64_t>(0, rows - taken)(random_);
      std::copy_n(sequence.inputs.data() + start * features, taken * features,
                  inputs + b * crop_ * features);
      std::copy_n(sequence.targets.data() + start, taken, targets + b * crop_);
      std::copy_n(sequence.weights.data() + start, taken, weights + b * crop_);
      // At the true start of a run the detector's state is zero as well: nothing to warm up.
      if (start > 0) {
        std::fill_n(weights + b * crop_, std::min<int64_t>(settings_.burn_in_rows, taken), 0.0F);
      }
    }
    return batch;
  }

 private:
  absl::Span<const TrainingSequence> sequences_;
  const NetworkSettings& settings_;
  std::mt19937_64 random_;
  std::discrete_distribution<size_t> pick_;
  int64_t crop_ = 1;
  int64_t rows_ = 0;
};

double PositiveWeight(absl::Span<const TrainingSequence> sequences, double cap) {
  double positive = 0, negative = 0;
  for (const TrainingSequence& sequence : sequences) {
    for (size_t r = 0; r < sequence.targets.size(); ++r) {
      (sequence.targets[r] > 0.5F ? positive : negative) += sequence.weights[r];
    }
  }
  if (positive <= 0 || negative <= 0) return 0;
  return std::clamp(negative / positive, 1.0, cap);
}

NetworkWeights Train(absl::Span<const TrainingSequence> sequences, const NetworkSettings& settings,
                     double positive_weight, const EpochCallback& on_epoch) {
  torch::manual_seed(settings.seed);
  Network network(sequences[0].inputs.cols(), settings.hidden);
  CropSampler sampler(sequences, settings);
  torch::optim::AdamW optimizer(
      network->parameters(),
      torch::optim::AdamWOptions(settings.learning_rate).weight_decay(settings.weight_decay));
  std::vector<torch::Tensor> average;
  for (const torch::Tensor& parameter : network->parameters()) {
    average.push_back(parameter.detach().clone());
  }
  const torch::Tensor weight_of_positives = torch::full({1}, positive_weight);
  const int steps = sampler.StepsPerEpoch();
  int64_t step = 0;
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    double loss_sum = 0;
    for (int i = 0; i < steps; ++i, ++step) {
      Batch batch = sampler.Next();
      const int64_t batch_size = batch.inputs.size(0);
      const torch::Tensor kept = torch::dropout(torch::ones({batch_size, 1, batch.inputs.size(2)}),
                                                settings.input_dropout, true);
      // Dropout rescales what it keeps; a missing metric does not, so undo that.
      batch.inputs = (batch.inputs + settings.input_noise * torch::randn_like(batch.inputs)) *
                     kept * (1 - settings.input_dropout);
      const torch::Tensor logits = network->Forward(batch.inputs, settings.hidden_dropout);
      const torch::Tensor losses = torch::binary_cross_entropy_with_logits(
          logits, batch.targets, batch.weights, weight_of_positives, at::Reduction::Sum);
      const torch::Tensor loss = losses / batch.weights.sum().clamp_min(1.0);
      optimizer.zero_grad();
      loss.backward();
      torch::nn::utils::clip_grad_norm_(network->parameters(), settings.gradient_norm);
      optimizer.step();
      loss_sum += loss.item<double>();
      // Early averages must not remember the random start.
      const double decay =
          std::min(settings.weight_average,
                   (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
      const torch::NoGradGuard no_gradient;
      const std::vector<torch::Tensor> parameters = network->parameters();
      for (size_t p = 0; p < parameters.size(); ++p) {
        average[p].mul_(decay).add_(parameters[p].detach(), 1 - decay);
      }
    }
    if (on_epoch) on_epoch(epoch, loss_sum / steps, Export(average));
  }
  return Export(average);
}

absl::Status Internal(const std::exception& error) {
  const std::string text = error.what();
  return absl::InternalError("libtorch failed: " + text.substr(0, text.find('\n')));
}

}  // namespace

absl::StatusOr<NetworkWeights> TrainNetwork(absl::Span<const TrainingSequence> sequences,
                                            const NetworkSettings& settings,
                                            const EpochCallback& on_epoch) {
  if (sequences.empty() || settings.hidden < 1 || settings.epochs < 1 || settings.batch < 1 ||
      settings.crop_rows < 1) {
    return absl::InvalidArgumentError(
        "training needs at least one sequence and positive numbers of hidden units, epochs, crops "
        "and rows");
  }
  const double positive_weight = PositiveWeight(sequences, settings.positive_weight_cap);
  if (positive_weight <= 0) {
    return absl::InvalidArgumentError(
        "the training rows are all healthy or all faulty; a detector needs both: record fault "
        "windows with healthy time around them");
  }
  try {
    return Train(sequences, settings, positive_weight, on_epoch);
  } catch (const std::exception& error) {
    return Internal(error);
  }
}

absl::StatusOr<std::vector<float>> ReferenceLogits(const NetworkWeights& weights,
                                                   const Matrix& inputs) {
  try {
    const torch::NoGradGuard no_gradient;
    const int64_t hidden = weights.head_weights.size();
    Network network(inputs.cols(), hidden);
    std::vector<torch::Tensor> parameters = network->parameters();
    const Matrix bias = weights.lstm.bias.transpose();
    const Matrix head = weights.head_weights.transpose();
    parameters[0].copy_(FromMatrix(weights.lstm.input));
    parameters[1].copy_(FromMatrix(weights.lstm.recurrent));
    parameters[2].copy_(FromMatrix(bias).squeeze(0));
    parameters[3].zero_();
    parameters[4].copy_(FromMatrix(head));
    parameters[5].fill_(weights.head_bias);
    const Eigen::VectorXf logits =
        ToVector(network->Forward(FromMatrix(inputs).unsqueeze(0), 0).squeeze(0));
    return std::vector<float>(logits.begin(), logits.end());
  } catch (const std::exception& error) {
    return Internal(error);
  }
}

}  // namespace grayling
