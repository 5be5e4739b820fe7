#include "ml/trainer/network_module.h"

#include <cmath>

#include "ml/trainer/fused_lstm.h"

namespace grayling {
namespace {

bool IsRecurrent(Architecture architecture) {
  return architecture == Architecture::kLstm || architecture == Architecture::kGru;
}

torch::Tensor ToTensor(const Eigen::VectorXf& vector) {
  return torch::from_blob(const_cast<float*>(vector.data()), {vector.size()}, torch::kFloat32)
      .clone();
}

}  // namespace

torch::Tensor ToTensor(const Matrix& matrix) {
  return torch::from_blob(const_cast<float*>(matrix.data()), {matrix.rows(), matrix.cols()},
                          torch::kFloat32)
      .clone();
}

Matrix ToMatrix(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().cpu().contiguous();
  return Eigen::Map<const Matrix>(flat.data_ptr<float>(), flat.size(0), flat.size(1));
}

Eigen::VectorXf ToVector(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().cpu().contiguous();
  return Eigen::Map<const Eigen::VectorXf>(flat.data_ptr<float>(), flat.numel());
}

torch::Tensor DrawUniform(const std::vector<int64_t>& shape, double limit, NetworkRandom& random) {
  torch::Tensor tensor = torch::empty(shape);
  auto* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>((2 * random.Uniform() - 1) * limit);
  }
  return tensor;
}

NetworkModule::NetworkModule(const NetworkSettings& settings, int64_t inputs, NetworkRandom& random)
    : architecture_(settings.architecture),
      layers_(architecture_ == Architecture::kLogistic ? 0 : settings.layers),
      taps_(settings.taps) {
  int64_t width = inputs;
  const int64_t units = settings.hidden;
  for (int64_t layer = 0; layer < layers_; ++layer) {
    if (IsRecurrent(architecture_)) {
      const int64_t sums = (architecture_ == Architecture::kLstm ? 4 : 3) * units;
      const double limit = 1 / std::sqrt(static_cast<double>(units));
      parameters_.push_back(DrawUniform({sums, width}, limit, random));
      parameters_.push_back(DrawUniform({sums, units}, limit, random));
      parameters_.push_back(DrawUniform({sums}, limit, random));
      parameters_.push_back(DrawUniform({sums}, limit, random));
    } else {
      const double limit = 1 / std::sqrt(static_cast<double>(taps_ * width));
      parameters_.push_back(DrawUniform({units, taps_ * width}, limit, random));
      parameters_.push_back(DrawUniform({units}, limit, random));
    }
    width = units;
  }
  const double limit = 1 / std::sqrt(static_cast<double>(width));
  parameters_.push_back(DrawUniform({1, width}, limit, random));
  parameters_.push_back(DrawUniform({1}, limit, random));
  for (torch::Tensor& parameter : parameters_) {
    parameter = parameter.to(torch::Device(settings.device)).requires_grad_();
  }
}

NetworkModule::NetworkModule(const NetworkWeights& weights)
    : architecture_(weights.architecture),
      layers_(static_cast<int64_t>(weights.layers.size())),
      taps_(weights.taps) {
  for (const LayerWeights& layer : weights.layers) {
    parameters_.push_back(grayling::ToTensor(layer.input));
    if (IsRecurrent(architecture_)) parameters_.push_back(grayling::ToTensor(layer.recurrent));
    parameters_.push_back(ToTensor(layer.bias));
    if (architecture_ == Architecture::kGru) parameters_.push_back(ToTensor(layer.recurrent_bias));
    if (architecture_ == Architecture::kLstm) {
      parameters_.push_back(torch::zeros_like(parameters_.back()));
    }
  }
  parameters_.push_back(ToTensor(weights.head_weights).unsqueeze(0));
  parameters_.push_back(torch::full({1}, weights.head_bias));
}

NetworkWeights NetworkModule::Export(const std::vector<torch::Tensor>& values) const {
  NetworkWeights weights;
  weights.architecture = architecture_;
  weights.taps = architecture_ == Architecture::kConvolution ? static_cast<int>(taps_) : 1;
  auto value = values.begin();
  for (int64_t l = 0; l < layers_; ++l) {
    LayerWeights layer;
    layer.input = ToMatrix(*value++);
    if (IsRecurrent(architecture_)) layer.recurrent = ToMatrix(*value++);
    layer.bias = ToVector(*value++);
    if (architecture_ == Architecture::kLstm) layer.bias += ToVector(*value++);
    if (architecture_ == Architecture::kGru) layer.recurrent_bias = ToVector(*value++);
    weights.layers.push_back(std::move(layer));
  }
  weights.head_weights = ToVector(*value++);
  weights.head_bias = value->item<float>();
  return weights;
}

torch::Tensor NetworkModule::Recurrent(const torch::Tensor& inputs, bool fused) const {
  if (fused && architecture_ == Architecture::kLstm) {
    torch::Tensor values = inputs;
    for (int64_t layer = 0; layer < layers_; ++layer) {
      const torch::Tensor* own = &parameters_[static_cast<size_t>(4 * layer)];
      values = FusedLstm(values, own[0], own[1], own[2] + own[3]);
    }
    return values;
  }
  const std::vector<torch::Tensor> flat(parameters_.begin(), parameters_.end() - 2);
  const int64_t units = flat[1].size(1);
  const torch::Tensor start = torch::zeros({layers_, inputs.size(1), units}, inputs.options());
  if (architecture_ == Architecture::kLstm) {
    return std::get<0>(at::lstm(inputs, {start, start}, flat, /*has_biases=*/true, layers_,
                                /*dropout=*/0, /*train=*/true, /*bidirectional=*/false,
                                /*batch_first=*/false));
  }
  return std::get<0>(at::gru(inputs, start, flat, /*has_biases=*/true, layers_, /*dropout=*/0,
                             /*train=*/true, /*bidirectional=*/false, /*batch_first=*/false));
}

torch::Tensor NetworkModule::Convolutions(torch::Tensor values, bool fused) const {
  const int64_t rows = values.size(0);
  for (int64_t layer = 0; layer < layers_; ++layer) {
    const torch::Tensor& weight = parameters_[static_cast<size_t>(2 * layer)];
    const torch::Tensor& bias = parameters_[static_cast<size_t>(2 * layer + 1)];
    const int64_t dilation = int64_t{1} << layer;
    const int64_t back = (taps_ - 1) * dilation;
    if (fused) {
      // One product of all taps' rows side by side.
      const torch::Tensor padded = torch::constant_pad_nd(values, {0, 0, 0, 0, back, 0});
      std::vector<torch::Tensor> taps;
      for (int64_t tap = 0; tap < taps_; ++tap) {
        taps.push_back(padded.narrow(0, tap * dilation, rows));
      }
      values = torch::relu(at::linear(torch::cat(taps, 2), weight, bias));
    } else {
      const torch::Tensor padded =
          torch::constant_pad_nd(values.permute({1, 2, 0}), {back, 0});  // batch x F x rows
      const torch::Tensor kernel =
          weight.view({weight.size(0), taps_, values.size(2)}).permute({0, 2, 1});
      values = torch::relu(at::conv1d(padded, kernel, bias, at::IntArrayRef{1}, at::IntArrayRef{0},
                                      dilation))
                   .permute({2, 0, 1});
    }
  }
  return values;
}

torch::Tensor NetworkModule::Forward(const torch::Tensor& inputs, const torch::Tensor& mask,
                                     bool fused) const {
  torch::Tensor values = inputs;
  if (IsRecurrent(architecture_)) values = Recurrent(inputs, fused);
  if (architecture_ == Architecture::kConvolution) values = Convolutions(inputs, fused);
  if (mask.defined() && layers_ > 0) values = values * mask;
  return at::linear(values, parameters_[parameters_.size() - 2], parameters_.back()).squeeze(2);
}

}  // namespace grayling
