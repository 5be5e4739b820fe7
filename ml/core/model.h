#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/cleaner.h"
#include "ml/core/column_scale.h"
#include "ml/core/dataset.h"
#include "ml/core/network_weights.h"
#include "ml/core/novelty.h"
#include "ml/core/provenance.h"

namespace grayling {

// Everything that turns raw rows into scores: written by grayling-ml, read by the daemon.
// One network is shared by all services: each service has its own stream of inputs, made of the
// same metric names, and its own recurrent state.
struct Model {
  std::string description;
  Provenance provenance;
  double period_s = 1;
  std::vector<std::string> services;  // one stream each; empty: one stream for the whole system
  std::vector<std::string> input_columns;  // raw columns read, in this order
  std::vector<ColumnCleaning> cleaning;    // per input column, before the features; empty: raw
  std::vector<ColumnScale> scales;         // per input column
  std::vector<std::string> features;       // names of the network's inputs, in order
  NetworkWeights network;
  float temperature = 1;   // of the logits
  double threshold = 0.5;  // on the score
  // The alarm needs `alarm_votes` of the last `alarm_rows` rows at or over the threshold.
  int alarm_rows = 1;
  int alarm_votes = 1;
  // A detector without labels, in place of all from `services` on: it brings its own columns,
  // scales and alarm rule (NoveltyScorer::alarm), and is one stream.
  std::optional<NoveltyModel> novelty;
};

// OK when the settings are in range and all parts fit together; INVALID_ARGUMENT says which do not.
// Detector::Create proves the rest: that every feature finds its columns.
absl::Status CheckModel(const Model& model);

// The bytes of a model file, and back: bit for bit the same model. Deterministic. INVALID_ARGUMENT
// says why a file is refused: no model file, of an older or newer program, cut short, damaged, or
// a part that does not fit.
std::string SerializeModel(const Model& model);
absl::StatusOr<Model> ParseModel(absl::string_view bytes);

}  // namespace grayling
