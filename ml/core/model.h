#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/dataset.h"

namespace grayling {

// Weights of one LSTM layer, torch's layout and gate order (input, forget, cell, output).
struct LstmWeights {
  Matrix input;          // 4H x F
  Matrix recurrent;      // 4H x H
  Eigen::VectorXf bias;  // 4H: bias_ih + bias_hh
};

// Robust location and scale of one input column, fitted on healthy training rows only.
struct ColumnScale {
  float median = 0;
  float scale = 1;  // 1.4826 * MAD, floored; never 0
};

// Everything that turns raw rows into scores: written by grayling-ml, read by the daemon.
// One network is shared by all services: each service has its own stream of inputs, made of the
// same metric names, and its own recurrent state.
struct Model {
  std::string description;
  double period_s = 1;
  std::vector<std::string> services;  // one stream each; empty: one stream for the whole system
  std::vector<std::string> input_columns;  // raw columns read, in this order
  std::vector<ColumnScale> scales;         // per input column
  std::vector<std::string> features;       // names of the network's inputs, in order
  LstmWeights lstm;
  Eigen::VectorXf head_weights;  // H
  float head_bias = 0;
  float temperature = 1;
  double threshold = 0.5;  // on the score
  // The alarm needs `alarm_votes` of the last `alarm_rows` rows at or over the threshold.
  int alarm_rows = 1;
  int alarm_votes = 1;
};

// The model file: one JSON document with "format": "grayling-model/1".
std::string SerializeModel(const Model& model);
// INVALID_ARGUMENT says what is missing or of the wrong shape.
absl::StatusOr<Model> ParseModel(absl::string_view text);

}  // namespace grayling
