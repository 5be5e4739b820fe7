#include "ml/core/network_stepper.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/convolution_layer.h"
#include "ml/core/gru_cell.h"
#include "ml/core/lstm_cell.h"
#include "ml/core/network_layer.h"

namespace grayling {
namespace {

std::unique_ptr<NetworkLayer> MakeLayer(const NetworkWeights& weights, size_t index, int streams) {
  const LayerWeights& layer = weights.layers[index];
  switch (weights.architecture) {
    case Architecture::kLstm:
      return std::make_unique<LstmCell>(layer, streams);
    case Architecture::kGru:
      return std::make_unique<GruCell>(layer, streams);
    default:
      return std::make_unique<ConvolutionLayer>(layer, weights.taps, 1 << index, streams);
  }
}

class LayeredStepper : public NetworkStepper {
 public:
  LayeredStepper(const NetworkWeights& weights, int streams)
      : head_(weights.head_weights), head_bias_(weights.head_bias) {
    for (size_t l = 0; l < weights.layers.size(); ++l) {
      layers_.push_back(MakeLayer(weights, l, streams));
    }
  }

  void Reset() override {
    for (const auto& layer : layers_) layer->Reset();
  }

  float Step(int stream, absl::Span<const float> input) override {
    absl::Span<const float> values = input;
    for (const auto& layer : layers_) values = layer->Step(stream, values);
    return head_bias_ + head_.dot(Eigen::Map<const Eigen::VectorXf>(
                            values.data(), static_cast<Eigen::Index>(values.size())));
  }

 private:
  std::vector<std::unique_ptr<NetworkLayer>> layers_;
  Eigen::VectorXf head_;
  float head_bias_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<NetworkStepper>> NetworkStepper::Create(
    const NetworkWeights& weights, int inputs, int streams) {
  GRAYLING_RETURN_IF_ERROR(CheckShapes(weights, inputs));
  if (streams < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a network runs over one stream or more, not ", streams));
  }
  return std::unique_ptr<NetworkStepper>(std::make_unique<LayeredStepper>(weights, streams));
}

}  // namespace grayling
