#include "ml/trainer/autoencoder.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "ml/trainer/fused_lstm.h"
#include "ml/trainer/network_module.h"

namespace grayling {
namespace {

struct WindowStart {
  const TrainingSequence* sequence;
  int64_t row;
};

std::vector<WindowStart> HealthyWindows(absl::Span<const TrainingSequence> sequences,
                                        int64_t window) {
  std::vector<WindowStart> starts;
  for (const TrainingSequence& sequence : sequences) {
    int64_t healthy = 0;
    for (size_t r = 0; r < sequence.targets.size(); ++r) {
      healthy = sequence.targets[r] < 0.5F && sequence.weights[r] > 0 ? healthy + 1 : 0;
      if (healthy >= window) starts.push_back({&sequence, static_cast<int64_t>(r) - window + 1});
    }
  }
  return starts;
}

absl::Status Internal(const std::exception& error) {
  const std::string text = error.what();
  return absl::InternalError("libtorch failed: " + text.substr(0, text.find('\n')));
}

class LstmAutoencoder : public Autoencoder {
 public:
  LstmAutoencoder(const AutoencoderSettings& settings, int64_t features)
      : settings_(settings), features_(features), random_(settings.seed) {
    const int64_t units = settings.hidden;
    const double limit = 1 / std::sqrt(static_cast<double>(units));
    for (const auto& shape : std::vector<std::vector<int64_t>>{{4 * units, features},
                                                               {4 * units, units},
                                                               {4 * units},
                                                               {4 * units, units},
                                                               {4 * units, units},
                                                               {4 * units},
                                                               {features, units},
                                                               {features}}) {
      weights_.push_back(DrawUniform(shape, limit, random_).requires_grad_());
    }
  }

  void Fit(const std::vector<WindowStart>& starts) {
    torch::optim::AdamW optimizer(
        weights_, torch::optim::AdamWOptions(settings_.learning_rate).weight_decay(1e-4));
    const int64_t window = settings_.window;
    const int64_t batch = std::min<int64_t>(settings_.batch, static_cast<int64_t>(starts.size()));
    const int64_t steps = std::clamp<int64_t>(static_cast<int64_t>(starts.size()) / batch, 1,
                                              settings_.most_steps_per_epoch);
    for (int64_t step = 0; step < steps * settings_.epochs; ++step) {
      const torch::Tensor inputs = torch::empty({window, batch, features_});
      for (int64_t b = 0; b < batch; ++b) {
        const WindowStart& start = starts[random_() % starts.size()];
        Copy(start.sequence->inputs, start.row, b, batch, inputs);
      }
      optimizer.zero_grad();
      torch::mse_loss(Rebuild(inputs), inputs).backward();
      torch::nn::utils::clip_grad_norm_(weights_, 1.0);
      optimizer.step();
    }
  }

  int64_t parameters() const override {
    int64_t count = 0;
    for (const torch::Tensor& weight : weights_) count += weight.numel();
    return count;
  }

  absl::StatusOr<std::vector<float>> Score(const Matrix& inputs) const override {
    try {
      const torch::NoGradGuard no_gradient;
      std::vector<float> scores;
      constexpr int64_t kChunk = 1024;
      for (int64_t first = 0; first < inputs.rows(); first += kChunk) {
        const int64_t batch = std::min<int64_t>(kChunk, inputs.rows() - first);
        const torch::Tensor windows = torch::zeros({settings_.window, batch, features_});
        for (int64_t b = 0; b < batch; ++b) {
          Copy(inputs, first + b - settings_.window + 1, b, batch, windows);
        }
        const torch::Tensor last = windows.select(0, settings_.window - 1);
        const torch::Tensor rebuilt = Rebuild(windows).select(0, settings_.window - 1);
        const Eigen::VectorXf errors = ToVector((rebuilt - last).square().mean(1));
        scores.insert(scores.end(), errors.begin(), errors.end());
      }
      return scores;
    } catch (const std::exception& error) {
      return Internal(error);
    }
  }

 private:
  // The window that starts in `row` into place `b`; rows before the first are left alone.
  void Copy(const Matrix& from, int64_t row, int64_t b, int64_t batch,
            const torch::Tensor& to) const {
    for (int64_t r = std::max<int64_t>(0, -row); r < settings_.window; ++r) {
      std::copy_n(from.data() + (row + r) * features_, features_,
                  to.data_ptr<float>() + (r * batch + b) * features_);
    }
  }

  // rows x windows x features, and back from the state after the last row.
  torch::Tensor Rebuild(const torch::Tensor& inputs) const {
    const torch::Tensor state =
        FusedLstm(inputs, weights_[0], weights_[1], weights_[2]).select(0, inputs.size(0) - 1);
    const torch::Tensor repeated =
        state.unsqueeze(0).expand({inputs.size(0), state.size(0), state.size(1)});
    const torch::Tensor unfolded = FusedLstm(repeated, weights_[3], weights_[4], weights_[5]);
    return at::linear(unfolded, weights_[6], weights_[7]);
  }

  const AutoencoderSettings settings_;
  const int64_t features_;
  NetworkRandom random_;
  std::vector<torch::Tensor> weights_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Autoencoder>> Autoencoder::Train(
    absl::Span<const TrainingSequence> sequences, const AutoencoderSettings& settings) {
  const std::vector<WindowStart> starts = HealthyWindows(sequences, settings.window);
  if (starts.empty()) {
    return absl::InvalidArgumentError(
        "no training window is healthy throughout; the autoencoder needs longer fault-free time or "
        "a shorter window");
  }
  try {
    auto autoencoder = std::make_unique<LstmAutoencoder>(settings, sequences[0].inputs.cols());
    autoencoder->Fit(starts);
    return std::unique_ptr<Autoencoder>(std::move(autoencoder));
  } catch (const std::exception& error) {
    return Internal(error);
  }
}

}  // namespace grayling
