#include "ml/trainer/network_crops.h"

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

constexpr double kHalfWord = 65536;

// Nearly normal, deviation 1, within +-3.46: the sum of four uniform numbers (Irwin-Hall), all from
// one draw, since a true normal costs as much as the network.
float NearlyNormal(NetworkRandom& random) {
  const uint64_t bits = random();
  const auto sum = static_cast<int64_t>((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) +
                                        ((bits >> 32) & 0xFFFF) + (bits >> 48));
  constexpr double kScale = 1.7320508075688772 / kHalfWord;
  return static_cast<float>(static_cast<double>(sum - 2 * 65535) * kScale);
}

// Rows that a convolution sees before the present one.
int64_t RowsBack(const NetworkSettings& settings) {
  if (settings.architecture != Architecture::kConvolution) return 0;
  return static_cast<int64_t>(settings.taps - 1) * ((int64_t{1} << settings.layers) - 1);
}

}  // namespace

NetworkCrops::NetworkCrops(absl::Span<const TrainingSequence> sequences,
                           const NetworkSettings& settings)
    : sequences_(sequences), settings_(settings), random_(settings.seed) {
  int64_t longest = 1;
  for (const TrainingSequence& sequence : sequences) {
    longest = std::max<int64_t>(longest, sequence.inputs.rows());
    total_rows_ += sequence.inputs.rows();
    ends_.push_back(static_cast<double>(total_rows_));
  }
  features_ = sequences[0].inputs.cols();
  batch_.rows = std::min<int64_t>(settings.crop_rows, longest);
  batch_.crops = settings.batch;
  burn_in_ =
      std::min(std::max<int64_t>(settings.burn_in_rows, RowsBack(settings)), batch_.rows - 1);
  const auto cells = static_cast<size_t>(batch_.rows * batch_.crops);
  batch_.inputs.resize(cells * static_cast<size_t>(features_));
  batch_.targets.resize(cells);
  batch_.weights.resize(cells);
  factors_.resize(static_cast<size_t>(batch_.crops * features_));
  if (settings.hidden_dropout > 0 && settings.architecture != Architecture::kLogistic) {
    batch_.hidden_mask.resize(cells * static_cast<size_t>(settings.hidden));
  }
}

int NetworkCrops::StepsPerEpoch() const {
  return std::max(settings_.least_steps,
                  static_cast<int>(total_rows_ / (batch_.crops * batch_.rows)));
}

const CropBatch& NetworkCrops::Next() {
  std::fill(batch_.inputs.begin(), batch_.inputs.end(), 0.0F);
  std::fill(batch_.targets.begin(), batch_.targets.end(), 0.0F);
  std::fill(batch_.weights.begin(), batch_.weights.end(), 0.0F);
  for (int64_t crop = 0; crop < batch_.crops; ++crop) {
    const double row = random_.Uniform() * static_cast<double>(total_rows_);
    const auto picked = std::upper_bound(ends_.begin(), ends_.end() - 1, row) - ends_.begin();
    Take(sequences_[static_cast<size_t>(picked)], crop);
  }
  Disturb();
  if (!batch_.hidden_mask.empty()) DrawHiddenMask();
  return batch_;
}

void NetworkCrops::Take(const TrainingSequence& sequence, int64_t crop) {
  const int64_t rows = sequence.inputs.rows();
  const int64_t taken = std::min(rows, batch_.rows);
  const auto start =
      static_cast<int64_t>(random_.Uniform() * static_cast<double>(rows - taken + 1));
  // At the true start of a run the detector's state is zero as well: nothing to warm up.
  const int64_t silent = start > 0 ? std::min(burn_in_, taken) : 0;
  for (int64_t r = 0; r < taken; ++r) {
    const int64_t cell = r * batch_.crops + crop;
    std::copy_n(sequence.inputs.data() + (start + r) * features_, features_,
                batch_.inputs.data() + cell * features_);
    const auto from = static_cast<size_t>(start + r);
    batch_.targets[static_cast<size_t>(cell)] = sequence.targets[from];
    batch_.weights[static_cast<size_t>(cell)] = r < silent ? 0 : sequence.weights[from];
  }
}

void NetworkCrops::Disturb() {
  // A missing metric is not made up for by larger others, so the kept ones are not scaled up.
  for (int64_t crop = 0; crop < batch_.crops; ++crop) {
    const float factor =
        settings_.input_scaling > 0
            ? std::exp(static_cast<float>(settings_.input_scaling) * NearlyNormal(random_))
            : 1;
    for (int64_t f = 0; f < features_; ++f) {
      const bool kept =
          settings_.input_dropout <= 0 || random_.Uniform() >= settings_.input_dropout;
      factors_[static_cast<size_t>(crop * features_ + f)] = kept ? factor : 0;
    }
  }
  const auto noise = static_cast<float>(settings_.input_noise);
  float* value = batch_.inputs.data();
  for (int64_t r = 0; r < batch_.rows; ++r) {
    for (const float factor : factors_) {
      if (noise > 0) *value += noise * NearlyNormal(random_);
      *value++ *= factor;
    }
  }
}

void NetworkCrops::DrawHiddenMask() {
  const auto limit = static_cast<uint64_t>(settings_.hidden_dropout * kHalfWord);
  const auto kept = static_cast<float>(1 / (1 - settings_.hidden_dropout));
  // Four decisions from one draw.
  const float choices[] = {0, kept};
  for (size_t i = 0; i < batch_.hidden_mask.size(); i += 4) {
    uint64_t bits = random_();
    const size_t end = std::min(i + 4, batch_.hidden_mask.size());
    for (size_t j = i; j < end; ++j, bits >>= 16) {
      batch_.hidden_mask[j] = choices[(bits & 0xFFFF) >= limit ? 1 : 0];
    }
  }
}

}  // namespace grayling
