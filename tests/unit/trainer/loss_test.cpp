#include "ml/trainer/loss.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <torch/torch.h>

#include <cmath>
#include <random>

namespace grayling {
namespace {

constexpr Loss kAll[] = {Loss::kCrossEntropy, Loss::kFocal, Loss::kSoftF, Loss::kTversky,
                         Loss::kMixed};

struct Rows {
  std::vector<float> logits, targets, weights;

  double Loss(const LossSettings& settings, double positive_weight,
              std::vector<float>& gradient) const {
    gradient.resize(logits.size());
    return LossGradient(settings, positive_weight, logits, targets, weights,
                        absl::MakeSpan(gradient));
  }
};

Rows RandomRows(uint32_t seed, size_t count, double positives) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 3);
  std::uniform_real_distribution<float> uniform;
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.logits.push_back(normal(random));
    rows.targets.push_back(uniform(random) < positives ? 1.0F : 0.0F);
    rows.weights.push_back(uniform(random) < 0.2F ? 0.0F : uniform(random));
  }
  return rows;
}

torch::Tensor Double(const std::vector<float>& values) {
  return torch::tensor(values).to(torch::kFloat64);
}

// The formulas of loss.h, left to autograd.
torch::Tensor Formula(const LossSettings& settings, double positive_weight, const torch::Tensor& z,
                      const torch::Tensor& y, const torch::Tensor& m) {
  const torch::Tensor p = torch::sigmoid(z);
  const torch::Tensor total = m.sum().clamp_min(1);
  const torch::Tensor hits = (m * p * y).sum();
  const auto entropy = [&] {
    return (m * (-positive_weight * y * torch::log_sigmoid(z) - (1 - y) * torch::log_sigmoid(-z)))
               .sum() /
           total;
  };
  const auto soft_f = [&] {
    const double square = settings.f_beta * settings.f_beta;
    return 1 - (1 + square) * hits / (square * (m * y).sum() + (m * p).sum());
  };
  switch (settings.kind) {
    case Loss::kFocal: {
      const double a = settings.focal_alpha;
      const double g = settings.focal_gamma;
      return (m * (-a * y * torch::pow(1 - p, g) * torch::log_sigmoid(z) -
                   (1 - a) * (1 - y) * torch::pow(p, g) * torch::log_sigmoid(-z)))
                 .sum() /
             total;
    }
    case Loss::kSoftF:
      return soft_f();
    case Loss::kTversky:
      return 1 - (hits + 1) / (hits + settings.tversky_false * (m * p * (1 - y)).sum() +
                               settings.tversky_missed * (m * (1 - p) * y).sum() + 1);
    case Loss::kMixed:
      return entropy() + settings.mixed_share * soft_f();
    default:
      return entropy();
  }
}

TEST(Loss, AndItsGradientAreThoseOfAutograd) {
  EXPECT_TRUE(rc::check("for any rows", [] {
    const Rows rows = RandomRows(*rc::gen::arbitrary<uint32_t>(), *rc::gen::inRange(50, 300), 0.3);
    LossSettings settings;
    settings.kind = *rc::gen::elementOf(std::vector(std::begin(kAll), std::end(kAll)));
    settings.f_beta = *rc::gen::inRange(1, 4);
    settings.focal_gamma = *rc::gen::elementOf(std::vector{0.0, 1.0, 1.5, 2.0});
    const double positive_weight = *rc::gen::elementOf(std::vector{1.0, 3.5, 10.0});
    std::vector<float> gradient;
    const double loss = rows.Loss(settings, positive_weight, gradient);

    torch::Tensor logits = Double(rows.logits);
    logits.requires_grad_();
    const torch::Tensor expected =
        Formula(settings, positive_weight, logits, Double(rows.targets), Double(rows.weights));
    expected.backward();
    RC_ASSERT(std::abs(loss - expected.item<double>()) < 1e-5);
    RC_ASSERT((Double(gradient) - logits.grad()).abs().max().item<double>() < 1e-6);
  }));
}

TEST(Loss, StaysFiniteForHugeLogits) {
  const Rows rows{{1e4F, -1e4F, 1e4F, -1e4F}, {1, 1, 0, 0}, {1, 1, 1, 1}};
  for (const Loss kind : kAll) {
    LossSettings settings;
    settings.kind = kind;
    std::vector<float> gradient;
    EXPECT_TRUE(std::isfinite(rows.Loss(settings, 10, gradient))) << LossName(kind);
    for (const float value : gradient) EXPECT_TRUE(std::isfinite(value)) << LossName(kind);
  }
}

TEST(Loss, OfCountsFallsBackToCrossEntropyInABatchWithoutPositives) {
  const Rows rows{{0.5F, -1, 2}, {0, 0, 0}, {1, 1, 1}};
  LossSettings settings;
  std::vector<float> entropy, gradient;
  rows.Loss(settings, 4, entropy);
  for (const Loss kind : {Loss::kSoftF, Loss::kTversky, Loss::kMixed}) {
    settings.kind = kind;
    rows.Loss(settings, 4, gradient);
    EXPECT_EQ(gradient, entropy) << LossName(kind);
  }
}

TEST(Loss, IgnoresRowsOfWeightZero) {
  for (const Loss kind : kAll) {
    LossSettings settings;
    settings.kind = kind;
    Rows rows{{0.5F, -1, 2, 0}, {1, 0, 0, 1}, {1, 1, 0, 1}};
    std::vector<float> before, after;
    const double loss = rows.Loss(settings, 2, before);
    rows.logits[2] = -5;
    rows.targets[2] = 1;
    EXPECT_EQ(rows.Loss(settings, 2, after), loss);
    EXPECT_EQ(after, before);
    EXPECT_EQ(after[2], 0);
  }
}

TEST(Loss, HasNamesThatParseBack) {
  for (const Loss kind : kAll) EXPECT_EQ(*ParseLoss(LossName(kind)), kind);
  EXPECT_THAT(std::string(ParseLoss("hinge").status().message()),
              ::testing::HasSubstr("choose bce, focal"));
}

}  // namespace
}  // namespace grayling
