#include "ml/core/model.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr size_t kMostFeatures = 4096;
constexpr double kShortestPeriodS = 0.01;
constexpr double kLongestPeriodS = 3600;
constexpr int kMostAlarmRows = 3600;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the model is unusable: ", what, "; fit it again with grayling-ml fit"));
}

absl::Status CheckSettings(const Model& model) {
  if (!(model.period_s >= kShortestPeriodS && model.period_s <= kLongestPeriodS)) {
    return Wrong(absl::StrCat("its period_s is ", model.period_s, " and must be within ",
                              kShortestPeriodS, " and ", kLongestPeriodS));
  }
  if (!(model.temperature > 0 && std::isfinite(model.temperature))) {
    return Wrong(absl::StrCat("its temperature ", model.temperature, " is not positive"));
  }
  if (std::isnan(model.threshold)) return Wrong("its threshold is not a number");
  if (model.alarm_votes < 1 || model.alarm_votes > model.alarm_rows ||
      model.alarm_rows > kMostAlarmRows) {
    return Wrong(absl::StrCat("its alarm rule is ", model.alarm_votes, " of ", model.alarm_rows,
                              " rows; votes must be between 1 and the rows, rows at most ",
                              kMostAlarmRows));
  }
  return absl::OkStatus();
}

absl::Status CheckColumns(const Model& model) {
  const size_t columns = model.input_columns.size();
  if (model.scales.size() != columns) {
    return Wrong(absl::StrCat("it has ", model.scales.size(), " scales for ", columns, " columns"));
  }
  for (size_t c = 0; c < columns; ++c) {
    const ColumnScale& scale = model.scales[c];
    if (!(scale.scale > 0) || !std::isfinite(scale.scale) || !std::isfinite(scale.median)) {
      return Wrong(absl::StrCat("the scale ", scale.scale, " at ", scale.median, " of the column ",
                                model.input_columns[c], " is not positive and finite"));
    }
  }
  if (!model.cleaning.empty() && model.cleaning.size() != columns) {
    return Wrong(absl::StrCat("it cleans ", model.cleaning.size(), " of ", columns, " columns"));
  }
  return absl::OkStatus();
}

absl::Status CheckNetwork(const Model& model) {
  if (model.features.empty() || model.features.size() > kMostFeatures) {
    return Wrong(absl::StrCat("it has ", model.features.size(), " features; 1 to ", kMostFeatures,
                              " are possible"));
  }
  const NetworkWeights& network = model.network;
  GRAYLING_RETURN_IF_ERROR(CheckShapes(network, static_cast<int>(model.features.size())));
  bool finite = network.head_weights.allFinite() && std::isfinite(network.head_bias);
  for (const LayerWeights& layer : network.layers) {
    finite = finite && layer.input.allFinite() && layer.recurrent.allFinite() &&
             layer.bias.allFinite() && layer.recurrent_bias.allFinite();
  }
  return finite ? absl::OkStatus() : Wrong("a weight of its network is not finite");
}

}  // namespace

absl::Status CheckModel(const Model& model) {
  GRAYLING_RETURN_IF_ERROR(CheckSettings(model));
  if (model.novelty) {
    if (model.services.empty() && model.input_columns.empty() && model.features.empty()) {
      if (model.novelty->alarm_rows > kMostAlarmRows) {
        return Wrong(absl::StrCat("its alarm rule counts ", model.novelty->alarm_rows,
                                  " rows; at most ", kMostAlarmRows, " are possible"));
      }
      return CheckNovelty(*model.novelty);
    }
    return Wrong("a detector without labels has columns of its own, and no services or features");
  }
  GRAYLING_RETURN_IF_ERROR(CheckColumns(model));
  return CheckNetwork(model);
}

}  // namespace grayling
