#include "two_service_model.h"

#include "absl/strings/str_cat.h"

namespace grayling {

std::string LoadOf(const std::string& service) {
  return absl::StrCat("load{service=\"", service, "\"}");
}

Model TwoServiceModel() {
  Model model;
  model.description = "made by hand";
  model.services = {"a", "b"};
  model.input_columns = {"a/load", "b/load"};
  model.scales = {{0, 1}, {0, 1}};
  model.features = {"value(load)"};
  // Input and output gates open, forget gate shut: the state is tanh of this row's input alone.
  LayerWeights& layer = model.network.layers.emplace_back();
  layer.input = Matrix::Zero(4, 1);
  layer.input(2, 0) = 1;
  layer.recurrent = Matrix::Zero(4, 1);
  layer.bias = Eigen::Vector4f(10, -10, 0, 10);
  model.network.head_weights = Eigen::VectorXf::Constant(1, 10);
  model.network.head_bias = -5;
  return model;
}

}  // namespace grayling
