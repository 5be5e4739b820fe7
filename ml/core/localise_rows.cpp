#include "ml/core/localise_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace grayling {
namespace {

constexpr size_t kLeastReference = 3;

size_t RowsIn(double seconds, double period_s, int least, int most) {
  const double rows = period_s > 0 ? std::floor(seconds / period_s) : least;
  return static_cast<size_t>(std::clamp(rows, double{1} * least, double{1} * most));
}

bool InEarlierFault(const Run& run, double time, double start, double recovery_s) {
  return std::any_of(run.windows.begin(), run.windows.end(), [&](const LabelWindow& window) {
    return window.start < start && time >= window.start && time < window.end + recovery_s;
  });
}

}  // namespace

LocaliseRows RowsAround(const Run& run, double start, double period_s,
                        const LocaliseSettings& settings) {
  LocaliseRows rows;
  rows.begin = static_cast<size_t>(std::lower_bound(run.time.begin(), run.time.end(), start) -
                                   run.time.begin());
  // A start that is a little earlier than the label's is the same fault.
  const double next = start + settings.least_fault_rows * period_s;
  double stop = std::numeric_limits<double>::infinity();
  for (const LabelWindow& window : run.windows) {
    if (window.start >= next) stop = std::min(stop, window.start);
  }
  rows.end = rows.begin;
  const size_t wanted =
      RowsIn(settings.fault_s, period_s, settings.least_fault_rows, settings.most_fault_rows);
  while (rows.end < run.time.size() && rows.end - rows.begin < wanted && run.time[rows.end] < stop)
    ++rows.end;

  const size_t most = RowsIn(settings.reference_s, period_s, settings.least_reference_rows,
                             settings.most_reference_rows);
  const double recovery_s = settings.recovery_rows * period_s;
  for (size_t r = rows.begin; r > 0 && rows.reference.size() < most; --r) {
    if (!InEarlierFault(run, run.time[r - 1], start, recovery_s)) rows.reference.push_back(r - 1);
  }
  if (rows.reference.size() < kLeastReference) {
    rows.reference.clear();
    for (size_t r = rows.begin; r > 0 && rows.reference.size() < most; --r)
      rows.reference.push_back(r - 1);
  }
  std::reverse(rows.reference.begin(), rows.reference.end());
  return rows;
}

}  // namespace grayling
