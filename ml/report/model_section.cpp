#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

constexpr size_t kInputsUnfolded = 30;

std::string RuleText(const Model& model) {
  const bool is_novelty = model.novelty.has_value();
  const int rows = is_novelty ? model.novelty->alarm_rows : model.alarm_rows;
  const int votes = is_novelty ? model.novelty->alarm_votes : model.alarm_votes;
  const double threshold = is_novelty ? model.novelty->threshold : model.threshold;
  return absl::StrCat(is_novelty ? "strangeness" : "score", " at least ", FixedText(threshold, 3),
                      " in ", votes, " of the last ", CountText(static_cast<size_t>(rows), "row"));
}

HtmlTable OriginTable(const Model& model, size_t most) {
  const Provenance& from = model.provenance;
  HtmlTable table({"Property", "Value"}, 2);
  const auto add = [&](const std::string& name, const std::string& value) {
    table.Add({name, value.empty() ? kUndefined : value});
  };
  add("Description", model.description);
  add("Fitted on", from.dataset);
  add("SHA-256 of that data set", from.dataset_hash);
  add("Runs, rows, faults in training",
      absl::StrCat(from.runs, ", ", from.rows, ", ", from.events));
  add("Groups in training", SomeText(from.groups, most));
  add("Architecture", from.architecture);
  add("Loss", from.loss);
  add("Seed", absl::StrCat(from.seed));
  add("Fitted at", from.created_s > 0 ? InstantText(static_cast<double>(from.created_s)) : "");
  add("Written by", from.program);
  add("A row every", DurationText(model.period_s));
  add("Alarm", RuleText(model));
  if (model.novelty) {
    add("Columns", absl::StrCat(model.novelty->columns.size()));
    add("Rows it was fitted on", absl::StrCat(model.novelty->training_rows));
    return table;
  }
  const auto cleaned = std::count_if(model.cleaning.begin(), model.cleaning.end(),
                                     [](const ColumnCleaning& column) { return column.active; });
  add("Streams", model.services.empty() ? "one, the whole system" : SomeText(model.services, most));
  add("Columns read", absl::StrCat(model.input_columns.size(), ", of which ", cleaned, " cleaned"));
  add("Inputs of the network", absl::StrCat(model.features.size()));
  add("Temperature of the logits", FixedText(model.temperature, 3));
  return table;
}

HtmlTable MetricTable(const Provenance& provenance) {
  HtmlTable table({"Metric, out of fold on the training groups", "Value"});
  for (const auto& [name, value] : provenance.metrics) table.Add({name, FixedText(value, 3)});
  return table;
}

}  // namespace

void AddModel(const ReportSubject& subject, int top, HtmlPage& page) {
  page.Section("The model");
  if (subject.model == nullptr) {
    page.Paragraph("No model was given (--model).");
    return;
  }
  const Model& model = *subject.model;
  if (model.period_s != subject.dataset->period_s) {
    page.Warning(absl::StrCat("The model was fitted on a row every ", DurationText(model.period_s),
                              ", these data have one every ",
                              DurationText(subject.dataset->period_s),
                              "; its memory and its alarm rule count rows."));
  }
  page.Table(OriginTable(model, static_cast<size_t>(top)));
  if (model.provenance.metrics.empty()) {
    page.Paragraph(model.novelty ? "It was fitted without labels, so nothing was measured then."
                                 : "The model file carries no metrics of its training.");
  } else {
    page.Table(MetricTable(model.provenance));
  }
  const std::vector<std::string>& inputs = model.novelty ? model.novelty->columns : model.features;
  page.BeginFold(absl::StrCat("Inputs (", inputs.size(), ")"), inputs.size() <= kInputsUnfolded);
  page.Items(inputs);
  page.EndFold();
}

std::string OverlapWarning(const ReportSubject& subject, const TrainingOverlap& overlap) {
  if (subject.score_source != ScoreSource::kModel || overlap.seen.empty()) return "";
  const std::string share =
      absl::StrCat(overlap.seen.size(), " of the ", CountText(subject.judged.size(), "judged run"));
  if (overlap.is_other_version) {
    return absl::StrCat("The model was fitted on another version of a data set of this name; ",
                        share, " may have been in its training, which would flatter it.");
  }
  return absl::StrCat("The model was fitted on ", share,
                      ": what follows flatters it and says nothing about new recordings. Its "
                      "out-of-fold metrics stand in the section on the model; grayling-ml crossval "
                      "--out gives scores of rows that the scoring model never saw.");
}

}  // namespace grayling
