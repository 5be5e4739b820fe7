#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "grayling/model/v1/model_file.pb.h"
#include "ml/core/model.h"
#include "ml/core/model_envelope.h"

namespace grayling {
namespace {

using model::v1::ModelFile;

template <typename Texts>
std::vector<std::string> ToTexts(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

template <typename Texts>
void Put(const std::vector<std::string>& texts, Texts* out) {
  out->Assign(texts.begin(), texts.end());
}

void Put(const Eigen::VectorXf& vector, google::protobuf::RepeatedField<float>* out) {
  out->Add(vector.data(), vector.data() + vector.size());
}

Eigen::VectorXf ToVector(const google::protobuf::RepeatedField<float>& values) {
  return Eigen::Map<const Eigen::VectorXf>(values.data(), values.size());
}

void Put(const Matrix& matrix, model::v1::FloatMatrix* out) {
  out->set_rows(static_cast<uint32_t>(matrix.rows()));
  out->set_columns(static_cast<uint32_t>(matrix.cols()));
  out->mutable_values()->Add(matrix.data(), matrix.data() + matrix.size());
}

absl::StatusOr<Matrix> ToMatrix(const model::v1::FloatMatrix& matrix) {
  if (uint64_t{matrix.rows()} * matrix.columns() != static_cast<uint64_t>(matrix.values_size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model file is unusable: a matrix of ", matrix.rows(), " x ", matrix.columns(),
        " holds ", matrix.values_size(), " numbers; fit the model again with grayling-ml fit"));
  }
  return Matrix(Eigen::Map<const Matrix>(matrix.values().data(), matrix.rows(), matrix.columns()));
}

void Put(const NetworkWeights& network, model::v1::Network* out) {
  out->set_architecture(ArchitectureName(network.architecture));
  out->set_taps(network.taps);
  for (const LayerWeights& layer : network.layers) {
    model::v1::Layer& to = *out->add_layers();
    Put(layer.input, to.mutable_input());
    Put(layer.recurrent, to.mutable_recurrent());
    Put(layer.bias, to.mutable_bias());
    Put(layer.recurrent_bias, to.mutable_recurrent_bias());
  }
  Put(network.head_weights, out->mutable_head_weights());
  out->set_head_bias(network.head_bias);
}

absl::StatusOr<NetworkWeights> ToNetwork(const model::v1::Network& network) {
  NetworkWeights weights;
  GRAYLING_ASSIGN_OR_RETURN(weights.architecture, ParseArchitecture(network.architecture()));
  weights.taps = network.taps();
  for (const model::v1::Layer& from : network.layers()) {
    LayerWeights& layer = weights.layers.emplace_back();
    GRAYLING_ASSIGN_OR_RETURN(layer.input, ToMatrix(from.input()));
    GRAYLING_ASSIGN_OR_RETURN(layer.recurrent, ToMatrix(from.recurrent()));
    layer.bias = ToVector(from.bias());
    layer.recurrent_bias = ToVector(from.recurrent_bias());
  }
  weights.head_weights = ToVector(network.head_weights());
  weights.head_bias = network.head_bias();
  return weights;
}

void Put(const Provenance& provenance, model::v1::Provenance* out) {
  out->set_dataset(provenance.dataset);
  out->set_dataset_hash(provenance.dataset_hash);
  Put(provenance.groups, out->mutable_groups());
  out->set_runs(provenance.runs);
  out->set_rows(provenance.rows);
  out->set_events(provenance.events);
  out->set_seed(provenance.seed);
  out->set_architecture(provenance.architecture);
  out->set_loss(provenance.loss);
  out->set_created_s(provenance.created_s);
  out->set_program(provenance.program);
  for (const auto& [name, value] : provenance.metrics) {
    model::v1::Metric& metric = *out->add_metrics();
    metric.set_name(name);
    metric.set_value(value);
  }
}

Provenance ToProvenance(const model::v1::Provenance& from) {
  Provenance provenance{.dataset = from.dataset(),
                        .dataset_hash = from.dataset_hash(),
                        .groups = ToTexts(from.groups()),
                        .runs = from.runs(),
                        .rows = from.rows(),
                        .events = from.events(),
                        .seed = from.seed(),
                        .architecture = from.architecture(),
                        .loss = from.loss(),
                        .created_s = from.created_s(),
                        .program = from.program(),
                        .metrics = {}};
  for (const auto& metric : from.metrics()) {
    provenance.metrics.emplace_back(metric.name(), metric.value());
  }
  return provenance;
}

using StoredScales = google::protobuf::RepeatedPtrField<model::v1::ColumnScale>;

void Put(const std::vector<ColumnScale>& scales, StoredScales* out) {
  for (const ColumnScale& scale : scales) {
    model::v1::ColumnScale& to = *out->Add();
    to.set_median(scale.median);
    to.set_scale(scale.scale);
  }
}

std::vector<ColumnScale> ToScales(const StoredScales& from) {
  std::vector<ColumnScale> scales;
  for (const auto& scale : from) scales.push_back({scale.median(), scale.scale()});
  return scales;
}

void Put(const ColumnCleaning& cleaning, model::v1::ColumnCleaning* out) {
  out->set_active(cleaning.active);
  out->set_variability(cleaning.variability);
  out->set_window(cleaning.window);
  out->set_threshold(cleaning.threshold);
  out->set_epsilon(cleaning.epsilon);
  out->set_least_range(cleaning.least_range);
  out->set_baseline_low(cleaning.baseline_low);
  out->set_baseline_high(cleaning.baseline_high);
  out->set_longest_spike(cleaning.longest_spike);
}

ColumnCleaning ToCleaning(const model::v1::ColumnCleaning& from) {
  return {.active = from.active(),
          .variability = from.variability(),
          .window = from.window(),
          .threshold = from.threshold(),
          .epsilon = from.epsilon(),
          .least_range = from.least_range(),
          .baseline_low = from.baseline_low(),
          .baseline_high = from.baseline_high(),
          .longest_spike = from.longest_spike()};
}

void Put(const NoveltyModel& novelty, model::v1::Novelty* out) {
  Put(novelty.columns, out->mutable_columns());
  Put(novelty.scales, out->mutable_scales());
  out->set_drift_rate(novelty.drift_rate);
  for (const NoveltyPart& part : novelty.parts) {
    model::v1::NoveltyPart& to = *out->add_parts();
    to.set_input(static_cast<int>(part.input));
    Put(part.mean, to.mutable_mean());
    Put(part.directions, to.mutable_directions());
    Put(part.weights, to.mutable_weights());
    to.set_rest_weight(part.rest_weight);
    to.set_usual(part.usual);
  }
  out->set_threshold(novelty.threshold);
  out->set_alarm_votes(novelty.alarm_votes);
  out->set_alarm_rows(novelty.alarm_rows);
  out->set_training_rows(novelty.training_rows);
  out->set_usual_strangeness(novelty.usual_strangeness);
}

absl::StatusOr<NoveltyPart> ToPart(const model::v1::NoveltyPart& from) {
  constexpr NoveltyInput kInputs[] = {NoveltyInput::kLevel, NoveltyInput::kChange,
                                      NoveltyInput::kLevelAndChange};
  for (const NoveltyInput input : kInputs) {
    if (static_cast<int>(input) != from.input()) continue;
    NoveltyPart part{.input = input,
                     .mean = ToVector(from.mean()),
                     .directions = {},
                     .weights = ToVector(from.weights()),
                     .rest_weight = from.rest_weight(),
                     .usual = from.usual()};
    GRAYLING_ASSIGN_OR_RETURN(part.directions, ToMatrix(from.directions()));
    return part;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the model file is unusable: it looks at input ", from.input(),
                   ", which this program does not know; use the program that wrote it"));
}

absl::StatusOr<NoveltyModel> ToNovelty(const model::v1::Novelty& from) {
  NoveltyModel novelty{.columns = ToTexts(from.columns()),
                       .scales = ToScales(from.scales()),
                       .drift_rate = from.drift_rate(),
                       .parts = {},
                       .threshold = from.threshold(),
                       .alarm_votes = from.alarm_votes(),
                       .alarm_rows = from.alarm_rows(),
                       .training_rows = from.training_rows(),
                       .usual_strangeness = from.usual_strangeness()};
  for (const auto& stored : from.parts()) {
    GRAYLING_ASSIGN_OR_RETURN(NoveltyPart part, ToPart(stored));
    novelty.parts.push_back(std::move(part));
  }
  return novelty;
}

absl::StatusOr<Model> ToModel(const ModelFile& file) {
  Model model;
  model.description = file.description();
  model.provenance = ToProvenance(file.provenance());
  model.period_s = file.period_s();
  model.services = ToTexts(file.services());
  model.input_columns = ToTexts(file.input_columns());
  for (const auto& cleaning : file.cleaning()) model.cleaning.push_back(ToCleaning(cleaning));
  model.scales = ToScales(file.scales());
  model.features = ToTexts(file.features());
  if (file.has_network()) {
    GRAYLING_ASSIGN_OR_RETURN(model.network, ToNetwork(file.network()));
  }
  model.temperature = file.temperature();
  model.threshold = file.threshold();
  model.alarm_rows = file.alarm_rows();
  model.alarm_votes = file.alarm_votes();
  if (file.has_novelty()) {
    GRAYLING_ASSIGN_OR_RETURN(model.novelty, ToNovelty(file.novelty()));
  }
  GRAYLING_RETURN_IF_ERROR(CheckModel(model));
  return model;
}

}  // namespace

std::string SerializeModel(const Model& model) {
  ModelFile file;
  file.set_description(model.description);
  Put(model.provenance, file.mutable_provenance());
  file.set_period_s(model.period_s);
  Put(model.services, file.mutable_services());
  Put(model.input_columns, file.mutable_input_columns());
  for (const ColumnCleaning& cleaning : model.cleaning) Put(cleaning, file.add_cleaning());
  Put(model.scales, file.mutable_scales());
  Put(model.features, file.mutable_features());
  if (!model.novelty) Put(model.network, file.mutable_network());
  file.set_temperature(model.temperature);
  file.set_threshold(model.threshold);
  file.set_alarm_rows(model.alarm_rows);
  file.set_alarm_votes(model.alarm_votes);
  if (model.novelty) Put(*model.novelty, file.mutable_novelty());
  return SealModel(file.SerializeAsString());
}

absl::StatusOr<Model> ParseModel(absl::string_view bytes) {
  GRAYLING_ASSIGN_OR_RETURN(const absl::string_view payload, OpenModel(bytes));
  ModelFile file;
  if (!file.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::InvalidArgumentError(
        "the model file's content cannot be read; fit the model again with grayling-ml fit");
  }
  return ToModel(file);
}

}  // namespace grayling
