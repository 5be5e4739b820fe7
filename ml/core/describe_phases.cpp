#include "ml/core/describe_phases.h"

#include <algorithm>
#include <limits>

namespace grayling {
namespace {

constexpr double kFewestPeriods = 10;
// How many window lengths after its end a column is watched for its return.
constexpr double kSettlingLengths = 3;

RowRange RowsBetween(const Run& run, double from, double to) {
  const auto first = std::lower_bound(run.time.begin(), run.time.end(), from);
  const auto last = std::lower_bound(first, run.time.end(), to);
  return {static_cast<size_t>(first - run.time.begin()),
          static_cast<size_t>(last - run.time.begin())};
}

// What other windows leave of the time around `window`.
struct Surroundings {
  double free_from = -std::numeric_limits<double>::infinity();  // recovery of the ones before over
  double next_start = std::numeric_limits<double>::infinity();
};

Surroundings Around(const Run& run, size_t index, double recovery_s) {
  const LabelWindow& window = run.windows[index];
  Surroundings around;
  for (size_t w = 0; w < run.windows.size(); ++w) {
    const LabelWindow& other = run.windows[w];
    if (w == index) continue;
    if (other.start < window.start) {
      around.free_from = std::max(around.free_from, other.end + recovery_s);
    }
    if (other.end > window.end) around.next_start = std::min(around.next_start, other.start);
  }
  return around;
}

}  // namespace

std::vector<EventPhases> PhasesOf(const Dataset& dataset, double recovery_s) {
  std::vector<EventPhases> events;
  for (size_t r = 0; r < dataset.runs.size(); ++r) {
    const Run& run = dataset.runs[r];
    for (size_t w = 0; w < run.windows.size(); ++w) {
      const LabelWindow& window = run.windows[w];
      EventPhases event;
      event.run = r;
      event.window = w;
      event.during = RowsBetween(run, window.start, window.end);
      if (event.during.size() == 0) continue;
      const double length = std::max(window.end - window.start, kFewestPeriods * dataset.period_s);
      const Surroundings around = Around(run, w, recovery_s);
      const double recovered = window.end + recovery_s;
      event.before =
          RowsBetween(run, std::max(window.start - length, around.free_from), window.start);
      event.after = RowsBetween(run, recovered, std::min(recovered + length, around.next_start));
      event.settling = RowsBetween(
          run, window.end, std::min(recovered + kSettlingLengths * length, around.next_start));
      events.push_back(event);
    }
  }
  return events;
}

}  // namespace grayling
