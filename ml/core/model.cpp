#include "ml/core/model.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFormat[] = "grayling-model/1";
constexpr Eigen::Index kLargestSize = 4096;
constexpr double kShortestPeriodS = 0.01;
constexpr double kLongestPeriodS = 3600;

// The double whose shortest decimal is the float's: "0.1" in the file, not "0.10000000149011612".
double Shortest(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text) - 1, value).ptr;
  *end = '\0';
  const double shortest = std::strtod(text, nullptr);
  return static_cast<float>(shortest) == value ? shortest : static_cast<double>(value);
}

template <typename Dense>
Json Numbers(const Dense& values) {
  Json array = Json::array();
  for (Eigen::Index i = 0; i < values.size(); ++i) array.push_back(Shortest(values.data()[i]));
  return array;
}

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the model file is unusable: ", what, "; write it again with grayling-ml fit"));
}

absl::Status ReadNumbers(const Json& document, const char* key, Eigen::Index rows,
                         Eigen::Index columns, float* out) {
  const Json& array = document.at(key);
  if (!array.is_array() || static_cast<Eigen::Index>(array.size()) != rows * columns) {
    return Wrong(absl::StrCat("\"", key, "\" must be a list of ", rows * columns, " numbers"));
  }
  for (size_t i = 0; i < array.size(); ++i) {
    out[i] = array[i].get<float>();
    if (!std::isfinite(out[i]))
      return Wrong(absl::StrCat("\"", key, "\" holds a number out of range"));
  }
  return absl::OkStatus();
}

absl::Status CheckSettings(const Model& model) {
  if (!(model.period_s >= kShortestPeriodS && model.period_s <= kLongestPeriodS)) {
    return Wrong(
        absl::StrCat("\"period_s\" must be within ", kShortestPeriodS, " and ", kLongestPeriodS));
  }
  if (!(model.temperature > 0)) return Wrong("\"temperature\" must be positive");
  if (model.alarm_votes < 1 || model.alarm_votes > model.alarm_rows || model.alarm_rows > 3600) {
    return Wrong("\"alarm_votes\" must be between 1 and \"alarm_rows\"");
  }
  return absl::OkStatus();
}

absl::StatusOr<Model> Read(const Json& document) {
  if (document.at("format") != kFormat) {
    return Wrong(absl::StrCat("\"format\" is not \"", kFormat, "\""));
  }
  Model model;
  document.at("description").get_to(model.description);
  document.at("period_s").get_to(model.period_s);
  document.at("services").get_to(model.services);
  document.at("input_columns").get_to(model.input_columns);
  document.at("features").get_to(model.features);
  document.at("head_bias").get_to(model.head_bias);
  document.at("temperature").get_to(model.temperature);
  document.at("threshold").get_to(model.threshold);
  document.at("alarm_rows").get_to(model.alarm_rows);
  document.at("alarm_votes").get_to(model.alarm_votes);
  GRAYLING_RETURN_IF_ERROR(CheckSettings(model));

  const Json& scales = document.at("scales");
  if (scales.size() != model.input_columns.size()) {
    return Wrong("\"scales\" must have one entry per input column");
  }
  for (const Json& scale : scales) {
    model.scales.push_back({scale.at("median").get<float>(), scale.at("scale").get<float>()});
    if (!(model.scales.back().scale > 0)) return Wrong("every \"scale\" must be positive");
  }
  const auto hidden = document.at("hidden").get<Eigen::Index>();
  const auto inputs = static_cast<Eigen::Index>(model.features.size());
  if (hidden < 1 || hidden > kLargestSize || inputs < 1 || inputs > kLargestSize) {
    return Wrong(absl::StrCat("\"hidden\" and the number of features must be 1 to ", kLargestSize));
  }
  model.lstm.input.resize(4 * hidden, inputs);
  model.lstm.recurrent.resize(4 * hidden, hidden);
  model.lstm.bias.resize(4 * hidden);
  model.head_weights.resize(hidden);
  GRAYLING_RETURN_IF_ERROR(
      ReadNumbers(document, "lstm_input", 4 * hidden, inputs, model.lstm.input.data()));
  GRAYLING_RETURN_IF_ERROR(
      ReadNumbers(document, "lstm_recurrent", 4 * hidden, hidden, model.lstm.recurrent.data()));
  GRAYLING_RETURN_IF_ERROR(
      ReadNumbers(document, "lstm_bias", 4 * hidden, 1, model.lstm.bias.data()));
  GRAYLING_RETURN_IF_ERROR(
      ReadNumbers(document, "head_weights", hidden, 1, model.head_weights.data()));
  return model;
}

}  // namespace

std::string SerializeModel(const Model& model) {
  Json document;
  document["format"] = kFormat;
  document["description"] = model.description;
  document["period_s"] = model.period_s;
  document["services"] = model.services;
  document["input_columns"] = model.input_columns;
  Json scales = Json::array();
  for (const ColumnScale& scale : model.scales) {
    scales.push_back({{"median", Shortest(scale.median)}, {"scale", Shortest(scale.scale)}});
  }
  document["scales"] = std::move(scales);
  document["features"] = model.features;
  document["hidden"] = model.head_weights.size();
  document["lstm_input"] = Numbers(model.lstm.input);
  document["lstm_recurrent"] = Numbers(model.lstm.recurrent);
  document["lstm_bias"] = Numbers(model.lstm.bias);
  document["head_weights"] = Numbers(model.head_weights);
  document["head_bias"] = Shortest(model.head_bias);
  document["temperature"] = Shortest(model.temperature);
  document["threshold"] = model.threshold;
  document["alarm_rows"] = model.alarm_rows;
  document["alarm_votes"] = model.alarm_votes;
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Model> ParseModel(absl::string_view text) {
  try {
    return Read(Json::parse(text.begin(), text.end()));
  } catch (const nlohmann::json::exception& error) {
    return Wrong(error.what());
  }
}

}  // namespace grayling
