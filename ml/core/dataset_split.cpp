#include "ml/core/dataset_split.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

const std::string& GroupOf(const Run& run) { return run.group.empty() ? run.id : run.group; }

// Halves in time of one entity may be the two sides: the past was known when the test half began.
bool IsEarlierHalf(const Run& train, const Run& test) {
  return train.entity == test.entity && !train.time.empty() && !test.time.empty() &&
         train.time.back() < test.time.front();
}

// One group's stretch of a run.
struct Stretch {
  std::string group;
  double begin = 0;  // of the piece
  double last_window_end = 0;
  std::vector<LabelWindow> windows;
};

Run Piece(const Run& run, const Stretch& stretch, double end) {
  const auto first = std::lower_bound(run.time.begin(), run.time.end(), stretch.begin);
  const auto last = std::lower_bound(first, run.time.end(), end);
  Run piece;
  piece.id = absl::StrCat(run.id, "-", stretch.group);
  piece.group = stretch.group;
  piece.split = run.split;
  piece.entity = run.entity;
  piece.time.assign(first, last);
  piece.values = run.values.middleRows(first - run.time.begin(), last - first);
  piece.windows = stretch.windows;
  return piece;
}

}  // namespace

absl::StatusOr<Split> SplitAsMarked(const Dataset& dataset) {
  Split split;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    if (dataset.runs[i].split == "train") split.train.push_back(i);
    if (dataset.runs[i].split == "test") split.test.push_back(i);
  }
  if (split.train.empty() || split.test.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data set ", dataset.name, " marks ", split.train.size(), " runs as train and ",
        split.test.size(), " as test; mark both, or leave groups out in turn"));
  }
  for (const size_t train : split.train) {
    for (const size_t test : split.test) {
      const Run& a = dataset.runs[train];
      const Run& b = dataset.runs[test];
      if (GroupOf(a) == GroupOf(b) && !IsEarlierHalf(a, b)) {
        return absl::InvalidArgumentError(absl::StrCat("the runs ", a.id, " (train) and ", b.id,
                                                       " (test) share the group ", GroupOf(a),
                                                       "; a group must stay on one side"));
      }
    }
  }
  return split;
}

std::vector<std::string> GroupsOf(const Dataset& dataset) {
  std::vector<std::string> groups;
  for (const Run& run : dataset.runs) {
    const std::string& group = GroupOf(run);
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  return groups;
}

absl::StatusOr<Split> LeaveOut(const Dataset& dataset, const std::string& group) {
  Split split;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    (GroupOf(dataset.runs[i]) == group ? split.test : split.train).push_back(i);
  }
  if (split.test.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no run of the data set ", dataset.name, " is in the group \"", group, "\""));
  }
  if (split.train.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("all runs of the data set ", dataset.name,
                                                   " are in the group \"", group,
                                                   "\"; cut them by window groups or record more"));
  }
  return split;
}

absl::StatusOr<std::vector<Run>> CutByWindowGroups(const Run& run, double lead_s,
                                                   double recovery_s) {
  std::vector<LabelWindow> windows = run.windows;
  std::stable_sort(windows.begin(), windows.end(),
                   [](const LabelWindow& a, const LabelWindow& b) { return a.start < b.start; });
  std::vector<Stretch> stretches;
  for (LabelWindow& window : windows) {
    if (stretches.empty() || stretches.back().group != window.group) {
      for (const Stretch& earlier : stretches) {
        if (earlier.group == window.group) {
          return absl::InvalidArgumentError(absl::StrCat(
              "the windows of the groups \"", window.group, "\" and \"", stretches.back().group,
              "\" interleave in the run ", run.id, "; a group must be one stretch of time"));
        }
      }
      // The lead never reaches into the windows of the group before, nor into their recovery.
      const double begin =
          stretches.empty()
              ? window.start - lead_s
              : std::min(window.start, std::max(window.start - lead_s,
                                                stretches.back().last_window_end + recovery_s));
      stretches.push_back({window.group, begin, window.end, {}});
    }
    stretches.back().last_window_end = std::max(stretches.back().last_window_end, window.end);
    stretches.back().windows.push_back(std::move(window));
  }
  if (stretches.empty() || (stretches.size() == 1 && stretches[0].group.empty())) {
    return std::vector<Run>{run};
  }
  std::vector<Run> pieces;
  for (size_t i = 0; i < stretches.size(); ++i) {
    const double end = i + 1 < stretches.size() ? stretches[i + 1].begin
                       : run.time.empty()       ? 0
                                                : run.time.back() + 1;
    pieces.push_back(Piece(run, stretches[i], end));
  }
  return pieces;
}

}  // namespace grayling
