#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace grayling {

enum class Loss {
  kCrossEntropy,  // binary, positives weighted
  kFocal,         // Lin et al. 2017: easy rows count little
  kSoftF,         // 1 - F-beta of soft counts
  kTversky,       // 1 - Tversky index of soft counts, Salehi et al. 2017
  kMixed,         // cross-entropy + share * soft F
};

// "bce", "focal", "softf", "tversky", "mixed" and back; INVALID_ARGUMENT names the choices.
std::string LossName(Loss loss);
absl::StatusOr<Loss> ParseLoss(absl::string_view name);

struct LossSettings {
  Loss kind = Loss::kCrossEntropy;
  double focal_alpha = 0.7;     // weight of positives; of negatives 1 - alpha
  double focal_gamma = 1.5;     // 0: no focus
  double f_beta = 2;            // over 1 favours recall
  double tversky_false = 0.3;   // cost of false positives
  double tversky_missed = 0.7;  // cost of false negatives
  double mixed_share = 0.5;
  int warm_up_epochs = 5;  // see NeedsWarmUp
};

// Losses of counts start on cross-entropy: an untrained network finds that calling every row
// positive is the quickest way down, and stays there.
bool NeedsWarmUp(Loss loss);

// The loss of a batch, and its derivative by each logit in `gradient`; all spans of one size.
// p = sigmoid(logit), y = target, m = row weight (0 leaves the row out), w = positive_weight.
//   cross-entropy  sum m (-w y log p - (1 - y) log(1 - p)) / sum m
//   focal          sum m (-a_t (1 - p_t)^g log p_t) / sum m
//   soft F         1 - (1 + b^2) T / (b^2 Y + P + eps), T = sum m p y, Y = sum m y, P = sum m p
//   Tversky        1 - (T + 1) / (T + a FP + b FN + 1) with soft counts
// Soft F and Tversky have no gradient in a batch without positives: cross-entropy takes over there.
double LossGradient(const LossSettings& settings, double positive_weight,
                    absl::Span<const float> logits, absl::Span<const float> targets,
                    absl::Span<const float> weights, absl::Span<float> gradient);

}  // namespace grayling
