#include "daemon/detect/model_message.h"

#include "absl/time/time.h"
#include "base/proto_time.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {

v1::Model AboutModel(const Model& model) {
  v1::Model about;
  about.set_description(ValidUtf8(model.description));
  about.set_threshold(model.threshold);
  const Provenance& from = model.provenance;
  v1::ModelProvenance& to = *about.mutable_provenance();
  to.set_dataset(ValidUtf8(from.dataset));
  to.set_dataset_hash(ValidUtf8(from.dataset_hash));
  for (const std::string& group : from.groups) to.add_groups(ValidUtf8(group));
  to.set_runs(from.runs);
  to.set_rows(from.rows);
  to.set_events(from.events);
  to.set_seed(from.seed);
  to.set_architecture(ValidUtf8(from.architecture));
  to.set_loss(ValidUtf8(from.loss));
  if (from.created_s != 0) {
    ToProto(absl::FromUnixSeconds(from.created_s), to.mutable_fit_time());
  }
  to.set_program(ValidUtf8(from.program));
  for (const auto& [name, value] : from.metrics) {
    v1::ModelMetric& metric = *to.add_metrics();
    metric.set_name(ValidUtf8(name));
    metric.set_value(value);
  }
  return about;
}

}  // namespace grayling
