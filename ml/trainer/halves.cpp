#include "ml/trainer/halves.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace grayling {

Run SliceRun(const Run& run, double start, double end) {
  Run slice;
  slice.id = run.id;
  slice.group = run.group;
  slice.split = run.split;
  slice.entity = run.entity;
  const auto first = std::lower_bound(run.time.begin(), run.time.end(), start);
  const auto last = std::lower_bound(first, run.time.end(), end);
  slice.time.assign(first, last);
  slice.values = run.values.middleRows(first - run.time.begin(), last - first);
  std::copy_if(run.windows.begin(), run.windows.end(), std::back_inserter(slice.windows),
               [&](const LabelWindow& w) { return w.start >= start && w.start < end; });
  return slice;
}

std::vector<Run> CutInHalves(const Run& run) {
  if (run.time.size() < 2) return {run};
  std::vector<LabelWindow> windows = run.windows;
  std::sort(windows.begin(), windows.end(),
            [](const LabelWindow& a, const LabelWindow& b) { return a.start < b.start; });
  // Counted in windows, not in time: faults may fill a small part of a long run.
  double cut = (run.time.front() + run.time.back()) / 2;
  double widest = 0;
  const size_t n = windows.size();
  double end = 0;
  for (size_t i = 0; i + 1 < n; ++i) {
    end = std::max(i == 0 ? windows[0].end : end, windows[i].end);
    const bool near_middle = 4 * (i + 1) >= n && 4 * (i + 1) <= 3 * n;
    const double gap = windows[i + 1].start - end;
    if (near_middle && gap > widest) {
      widest = gap;
      cut = end + gap / 2;
    }
  }
  const double forever = std::numeric_limits<double>::infinity();
  std::vector<Run> halves = {SliceRun(run, -forever, cut), SliceRun(run, cut, forever)};
  for (size_t i = 0; i < halves.size(); ++i) {
    halves[i].id = absl::StrCat(run.id, i == 0 ? "/first" : "/second");
    halves[i].group = halves[i].id;
  }
  return halves;
}

}  // namespace grayling
