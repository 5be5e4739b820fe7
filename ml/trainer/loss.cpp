#include "ml/trainer/loss.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr std::pair<Loss, const char*> kNames[] = {{Loss::kCrossEntropy, "bce"},
                                                   {Loss::kFocal, "focal"},
                                                   {Loss::kSoftF, "softf"},
                                                   {Loss::kTversky, "tversky"},
                                                   {Loss::kMixed, "mixed"}};

struct Batch {
  absl::Span<const float> logits, targets, weights;
  double weight = 0;    // sum of the weights, at least 1
  double positive = 0;  // of those of positive rows
};

// log(1 + exp(-|z|)) + max(-z, 0) = -log sigmoid(z), without overflow.
double MinusLogSigmoid(double z) { return std::log1p(std::exp(-std::abs(z))) + std::max(-z, 0.0); }

double Sigmoid(double z) { return 0.5 * std::tanh(0.5 * z) + 0.5; }

// Each of these adds share * its derivative to `gradient` and returns share * its loss.

double CrossEntropy(const Batch& batch, double positive_weight, double share,
                    absl::Span<float> gradient) {
  double sum = 0;
  for (size_t i = 0; i < batch.logits.size(); ++i) {
    if (batch.weights[i] == 0) continue;
    const double z = batch.logits[i];
    const double y = batch.targets[i];
    const double p = Sigmoid(z);
    const double m = share * batch.weights[i] / batch.weight;
    sum += m * ((1 - y) * z + (1 + (positive_weight - 1) * y) * MinusLogSigmoid(z));
    gradient[i] += static_cast<float>(m * ((1 - y) * p - positive_weight * y * (1 - p)));
  }
  return sum;
}

double Focal(const Batch& batch, double alpha, double gamma, absl::Span<float> gradient) {
  double sum = 0;
  for (size_t i = 0; i < batch.logits.size(); ++i) {
    if (batch.weights[i] == 0) continue;
    // A negative is a positive of the mirrored logit.
    const bool positive = batch.targets[i] > 0.5F;
    const double sign = positive ? 1 : -1;
    const double z = sign * batch.logits[i];
    const double p = Sigmoid(z);
    const double log_p = -MinusLogSigmoid(z);
    const double m =
        batch.weights[i] / batch.weight * (positive ? alpha : 1 - alpha) * std::pow(1 - p, gamma);
    sum -= m * log_p;
    gradient[i] += static_cast<float>(sign * m * (gamma * p * log_p - (1 - p)));
  }
  return sum;
}

// 1 - (true + smooth) / (true + a * false + b * missed + smooth), times share.
double Tversky(const Batch& batch, double a, double b, double smooth, double share,
               absl::Span<float> gradient) {
  double hits = 0;
  double predicted = 0;
  for (size_t i = 0; i < batch.logits.size(); ++i) {
    const double p = batch.weights[i] * Sigmoid(batch.logits[i]);
    predicted += p;
    hits += p * batch.targets[i];
  }
  const double below = hits + a * (predicted - hits) + b * (batch.positive - hits) + smooth;
  for (size_t i = 0; i < batch.logits.size(); ++i) {
    const double p = Sigmoid(batch.logits[i]);
    const double y = batch.targets[i];
    const double by_p =
        -(y * below - (hits + smooth) * (y + a * (1 - y) - b * y)) / (below * below);
    gradient[i] += static_cast<float>(share * batch.weights[i] * by_p * p * (1 - p));
  }
  return share * (1 - (hits + smooth) / below);
}

// F-beta is Tversky's index with a = 1 / (1 + beta^2), b = beta^2 / (1 + beta^2).
double SoftF(const Batch& batch, double beta, double share, absl::Span<float> gradient) {
  const double square = beta * beta;
  return Tversky(batch, 1 / (1 + square), square / (1 + square), 0, share, gradient);
}

}  // namespace

std::string LossName(Loss loss) {
  for (const auto& [value, name] : kNames) {
    if (value == loss) return name;
  }
  return "unknown";
}

absl::StatusOr<Loss> ParseLoss(absl::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (name == known) return value;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown loss \"", name, "\"; choose bce, focal, softf, tversky or mixed"));
}

bool NeedsWarmUp(Loss loss) {
  return loss == Loss::kSoftF || loss == Loss::kTversky || loss == Loss::kMixed;
}

double LossGradient(const LossSettings& settings, double positive_weight,
                    absl::Span<const float> logits, absl::Span<const float> targets,
                    absl::Span<const float> weights, absl::Span<float> gradient) {
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  Batch batch{logits, targets, weights};
  for (size_t i = 0; i < weights.size(); ++i) {
    batch.weight += weights[i];
    batch.positive += weights[i] * targets[i];
  }
  batch.weight = std::max(batch.weight, 1.0);
  const bool counts = batch.positive > 0;
  switch (settings.kind) {
    case Loss::kFocal:
      return Focal(batch, settings.focal_alpha, settings.focal_gamma, gradient);
    case Loss::kSoftF:
      if (counts) return SoftF(batch, settings.f_beta, 1, gradient);
      break;
    case Loss::kTversky:
      if (counts) {
        return Tversky(batch, settings.tversky_false, settings.tversky_missed, 1, 1, gradient);
      }
      break;
    case Loss::kMixed: {
      const double entropy = CrossEntropy(batch, positive_weight, 1, gradient);
      return entropy + (counts ? SoftF(batch, settings.f_beta, settings.mixed_share, gradient)
                               : settings.mixed_share);
    }
    case Loss::kCrossEntropy:
      break;
  }
  return CrossEntropy(batch, positive_weight, 1, gradient);
}

}  // namespace grayling
