#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

Table ModelTable() {
  Table table;
  table.columns = {"NAME", "ACTIVE", "THRESHOLD", "SIZE_BYTES", "CREATED", "DESCRIPTION"};
  return table;
}

void AddRow(const v1::Model& model, Table& table) {
  table.rows.push_back({model.name(), Cell(model.active()), Cell(model.threshold()),
                        absl::StrCat(model.size_bytes()), Cell(model.create_time()),
                        model.description()});
}

}  // namespace

Table TableOf(const v1::Model& model) {
  Table table = ModelTable();
  AddRow(model, table);
  return table;
}

Table TableOf(const v1::ListModelsResponse& list) {
  Table table = ModelTable();
  for (const v1::Model& model : list.models()) AddRow(model, table);
  return table;
}

Table DetailsOf(const v1::Model& model) {
  const v1::ModelProvenance& from = model.provenance();
  Table table;
  table.columns = {"PROPERTY", "VALUE"};
  table.rows = {{"name", model.name()},
                {"description", model.description()},
                {"active", Cell(model.active())},
                {"activated", Cell(model.activate_time())},
                {"created", Cell(model.create_time())},
                {"size_bytes", absl::StrCat(model.size_bytes())},
                {"threshold", Cell(model.threshold())},
                {"architecture", from.architecture()},
                {"loss", from.loss()},
                {"seed", absl::StrCat(from.seed())},
                {"dataset", from.dataset()},
                {"dataset_hash", from.dataset_hash()},
                {"groups", absl::StrJoin(from.groups(), " ")},
                {"runs", absl::StrCat(from.runs())},
                {"rows", absl::StrCat(from.rows())},
                {"events", absl::StrCat(from.events())},
                {"fitted", Cell(from.fit_time())},
                {"program", from.program()}};
  for (const v1::ModelMetric& metric : from.metrics()) {
    table.rows.push_back({metric.name(), Cell(metric.value())});
  }
  return table;
}

Table TableOf(const v1::ListAlarmsResponse& list) {
  Table table;
  table.columns = {"NAME", "START", "END", "SERVICE", "SCORE", "MODEL"};
  for (const v1::Alarm& alarm : list.alarms()) {
    table.rows.push_back({alarm.name(), Cell(alarm.start_time()), Cell(alarm.end_time()),
                          alarm.service(), Cell(alarm.score()), alarm.model()});
  }
  return table;
}

Table TableOf(const v1::WatchScoresResponse& row) {
  const auto score = [](std::string* out, const v1::ServiceScore& item) {
    absl::StrAppend(out, item.service(), "=", Cell(item.score()));
  };
  Table table;
  table.columns = {"TIME", "SCORE", "ALARM", "SERVICES", "DROPPED"};
  table.rows.push_back({Cell(row.time()), Cell(row.score()), Cell(row.alarm()),
                        absl::StrJoin(row.services(), " ", score), absl::StrCat(row.dropped())});
  return table;
}

}  // namespace grayling
