#include "ml/trainer/network_fingerprint.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace grayling {
namespace {

class Fnv1a {
 public:
  void Add(const void* data, size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < size; ++i) hash_ = (hash_ ^ bytes[i]) * 0x100000001B3ULL;
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0xCBF29CE484222325ULL;
};

std::string Text(const NetworkSettings& s) {
  return absl::StrCat(
      absl::StrJoin({s.layers, s.hidden, s.taps, s.batch, s.crop_rows, s.burn_in_rows,
                     s.least_steps, s.loss.warm_up_epochs, static_cast<int>(s.fused)},
                    " "),
      " ",
      absl::StrJoin({s.learning_rate, s.weight_decay, s.gradient_norm, s.input_dropout,
                     s.hidden_dropout, s.input_noise, s.input_scaling, s.weight_average,
                     s.positive_weight_cap, s.loss.focal_alpha, s.loss.focal_gamma, s.loss.f_beta,
                     s.loss.tversky_false, s.loss.tversky_missed, s.loss.mixed_share},
                    " "),
      " ", ArchitectureName(s.architecture), " ", LossName(s.loss.kind), " ", s.seed, " ",
      s.device);
}

}  // namespace

std::string NetworkFingerprint(absl::Span<const TrainingSequence> sequences,
                               const NetworkSettings& settings) {
  Fnv1a hash;
  const std::string text = Text(settings);
  hash.Add(text.data(), text.size());
  for (const TrainingSequence& sequence : sequences) {
    const int64_t shape[] = {sequence.inputs.rows(), sequence.inputs.cols()};
    hash.Add(shape, sizeof(shape));
    hash.Add(sequence.inputs.data(), static_cast<size_t>(sequence.inputs.size()) * sizeof(float));
    hash.Add(sequence.targets.data(), sequence.targets.size() * sizeof(float));
    hash.Add(sequence.weights.data(), sequence.weights.size() * sizeof(float));
  }
  return absl::StrFormat("%016x", hash.hash());
}

}  // namespace grayling
