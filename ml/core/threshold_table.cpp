#include "absl/strings/str_format.h"
#include "ml/core/evaluation.h"

namespace grayling {

std::string FormatThresholdTable(absl::Span<const ThresholdRow> rows) {
  std::string text = "Thresh | Prec | Rec  | F1   | Acc\n";
  for (const ThresholdRow& row : rows) {
    absl::StrAppendFormat(&text, "%.2f   | %.2f | %.2f | %.2f | %.2f\n", row.threshold,
                          row.precision, row.recall, row.f1, row.accuracy);
  }
  return text;
}

}  // namespace grayling
