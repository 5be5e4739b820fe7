#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ml/core/dataset.h"
#include "ml/core/evaluation.h"
#include "ml/core/model.h"

namespace grayling {

enum class ScoreSource {
  kNone,   // nobody scored the rows: only the simple rules are judged
  kModel,  // the model of the report
  kFile,   // a file that says nothing about how its scores came about
};

// What a report is about. What it points to outlives it.
struct ReportSubject {
  const Dataset* dataset = nullptr;
  std::string dataset_hash;      // HashDirectory of its folder; only read with a model
  const Model* model = nullptr;  // null: none was given
  ScoreSource score_source = ScoreSource::kNone;
  std::vector<ScoredRun> judged;  // without scores and alarms under kNone
  std::string judged_in_words;    // "the runs with split \"test\""
  std::vector<std::string> remarks;
};

struct ReportSettings {
  EvaluationSettings evaluation;
  int vus_window = -1;  // as FullEvaluationSettings
  int top = 10;         // columns per fault kind, and names in lists
  int timelines = 40;   // runs drawn
};

// The report: one HTML document, complete in itself. Every number in it comes from the code that
// describe, evaluate and localize use. Deterministic; pure.
std::string WriteReport(const ReportSubject& subject, const ReportSettings& settings);

}  // namespace grayling
