#include "ml/core/row_kind.h"

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

// Marks the rows in [from, to), leaving faults as they are.
void Mark(const Run& run, double from, double to, RowKind kind, std::vector<RowKind>& kinds) {
  const auto first = std::lower_bound(run.time.begin(), run.time.end(), from);
  for (auto row = first; row != run.time.end() && *row < to; ++row) {
    RowKind& mark = kinds[row - run.time.begin()];
    if (mark != RowKind::kFault) mark = kind;
  }
}

}  // namespace

std::vector<RowKind> KindsOfRows(const Run& run, double recovery_s, double margin_s) {
  std::vector<RowKind> kinds(run.time.size(), RowKind::kFaultFree);
  double first = std::numeric_limits<double>::infinity();
  double last = -first;
  for (const LabelWindow& window : run.windows) {
    Mark(run, window.start, window.end, RowKind::kFault, kinds);
    Mark(run, window.end, window.end + recovery_s, RowKind::kRecovery, kinds);
    first = std::min(first, window.start);
    last = std::max(last, window.end);
  }
  if (std::isinf(margin_s)) return kinds;
  for (size_t row = 0; row < kinds.size(); ++row) {
    const double time = run.time[row];
    if (time < first - margin_s || time >= last + margin_s) kinds[row] = RowKind::kUnjudged;
  }
  return kinds;
}

}  // namespace grayling
