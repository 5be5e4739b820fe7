#include "ml/trainer/crossval_folds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ml/core/dataset_split.h"

namespace grayling {
namespace {

constexpr size_t kMostStretches = 5;
constexpr int kLeastLeadRows = 60;
constexpr int kLeadWindows = 3;
// Missing rows that a run may bridge; a longer stretch is cut out.
constexpr size_t kLongestBridgeRows = 32;

const std::string& GroupOf(const Run& run) { return run.group.empty() ? run.id : run.group; }

size_t RowAt(const Run& run, double time) {
  return static_cast<size_t>(std::lower_bound(run.time.begin(), run.time.end(), time) -
                             run.time.begin());
}

FoldPlan EmptyPlan(const Dataset& dataset, double recovery_s) {
  FoldPlan plan;
  plan.recovery_s = recovery_s;
  for (const Run& run : dataset.runs) {
    plan.fold_of_row.emplace_back(run.time.size(), 0);
    plan.fold_of_window.emplace_back(run.windows.size(), 0);
  }
  return plan;
}

std::string Names(const std::vector<std::string>& names) {
  constexpr size_t kMost = 4;
  if (names.size() <= kMost) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kMost, ", "), " and ",
                      names.size() - kMost, " more");
}

// The windows of a run in order of their start.
std::vector<size_t> WindowOrder(const Run& run) {
  std::vector<size_t> order(run.windows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return run.windows[a].start < run.windows[b].start; });
  return order;
}

// Fault-free rows that go with the window behind them.
size_t LeadRows(const Dataset& dataset) {
  std::vector<int> rows;
  for (const Run& run : dataset.runs) {
    for (const LabelWindow& window : run.windows) {
      rows.push_back(static_cast<int>(RowAt(run, window.end) - RowAt(run, window.start)));
    }
  }
  if (rows.empty()) return kLeastLeadRows;
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  std::nth_element(rows.begin(), middle, rows.end());
  return static_cast<size_t>(std::max(kLeastLeadRows, kLeadWindows * *middle));
}

// Gives every row to the fold of the window that it is in, recovers from, or comes before; what is
// far from any goes round the folds in blocks.
void AssignRowsByWindow(const Dataset& dataset, FoldPlan& plan) {
  const size_t lead = LeadRows(dataset);
  const size_t folds = plan.names.size();
  size_t block = 0;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    const Run& run = dataset.runs[i];
    std::vector<int>& fold_of_row = plan.fold_of_row[i];
    size_t next = 0;  // first row without a fold
    const auto deal_until = [&](size_t end) {
      while (next < end) {
        const size_t stop = std::min(end, next + lead);
        std::fill(fold_of_row.begin() + static_cast<std::ptrdiff_t>(next),
                  fold_of_row.begin() + static_cast<std::ptrdiff_t>(stop),
                  static_cast<int>(block++ % folds));
        next = stop;
      }
    };
    for (const size_t w : WindowOrder(run)) {
      const LabelWindow& window = run.windows[w];
      const size_t first = RowAt(run, window.start);
      const size_t end = RowAt(run, window.end + plan.recovery_s);
      if (first > next + lead) deal_until(first - lead);
      for (; next < end; ++next) fold_of_row[next] = plan.fold_of_window[i][w];
    }
    deal_until(run.time.size());
  }
}

absl::StatusOr<FoldPlan> PlanByStretch(const Dataset& dataset, double recovery_s) {
  FoldPlan plan = EmptyPlan(dataset, recovery_s);
  size_t windows = 0;
  for (const Run& run : dataset.runs) windows += run.windows.size();
  if (windows < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data set ", dataset.name, " has ", windows,
        " fault windows, and cross-validation needs two at least: one to learn from and one to "
        "judge by; label more in dataset.json, or use --unsupervised"));
  }
  const size_t folds = std::min(windows, kMostStretches);
  for (size_t f = 0; f < folds; ++f) plan.names.push_back(absl::StrCat("stretch ", f + 1));
  size_t seen = 0;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    for (const size_t w : WindowOrder(dataset.runs[i])) {
      plan.fold_of_window[i][w] = static_cast<int>(seen++ * folds / windows);
    }
  }
  AssignRowsByWindow(dataset, plan);
  plan.note = absl::StrCat(
      "fewer than two groups have fault windows, so ", folds,
      " stretches of time are left out in turn: this says less about other recordings than "
      "leaving out groups would");
  return plan;
}

absl::StatusOr<FoldPlan> PlanByGroup(const Dataset& dataset, double recovery_s, size_t most_folds) {
  std::set<std::string> with_windows;
  for (const Run& run : dataset.runs) {
    if (!run.windows.empty()) with_windows.insert(GroupOf(run));
  }
  if (with_windows.size() < 2) return PlanByStretch(dataset, recovery_s);
  FoldPlan plan = EmptyPlan(dataset, recovery_s);
  const size_t folds = std::min(with_windows.size(), std::max<size_t>(2, most_folds));
  std::vector<std::vector<std::string>> members(folds);
  std::map<std::string, int> fold_of_group;
  size_t dealt[2] = {0, 0};  // groups with and without windows
  for (const std::string& group : GroupsOf(dataset)) {
    const size_t fold = dealt[with_windows.contains(group) ? 0 : 1]++ % folds;
    fold_of_group[group] = static_cast<int>(fold);
    members[fold].push_back(group);
  }
  for (const auto& names : members) plan.names.push_back(Names(names));
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    const int fold = fold_of_group[GroupOf(dataset.runs[i])];
    std::fill(plan.fold_of_row[i].begin(), plan.fold_of_row[i].end(), fold);
    std::fill(plan.fold_of_window[i].begin(), plan.fold_of_window[i].end(), fold);
  }
  if (folds < with_windows.size()) {
    plan.note =
        absl::StrCat(with_windows.size(), " groups have fault windows; they are left out in ",
                     folds, " bundles");
  }
  return plan;
}

std::string ValueOf(const LabelWindow& window, HoldOut by) {
  if (by == HoldOut::kKind) return window.label;
  return window.intensity.has_value() ? absl::StrCat(*window.intensity) : "not given";
}

absl::StatusOr<FoldPlan> PlanByValue(const Dataset& dataset, HoldOut by, double recovery_s,
                                     size_t most_folds) {
  std::map<std::string, size_t> order;  // of first sight
  std::vector<std::string> values;
  for (const Run& run : dataset.runs) {
    for (const LabelWindow& window : run.windows) {
      std::string value = ValueOf(window, by);
      if (order.try_emplace(value, values.size()).second) values.push_back(std::move(value));
    }
  }
  if (values.size() < 2) {
    const std::string what = by == HoldOut::kKind ? "fault kind" : "fault intensity";
    return absl::InvalidArgumentError(absl::StrCat("the data set ", dataset.name, " has ",
                                                   values.empty() ? "no " : "only one ", what,
                                                   ", so none can be left out; use --by group"));
  }
  FoldPlan plan = EmptyPlan(dataset, recovery_s);
  const size_t folds = std::min(values.size(), std::max<size_t>(2, most_folds));
  std::vector<std::vector<std::string>> members(folds);
  for (size_t v = 0; v < values.size(); ++v) members[v % folds].push_back(values[v]);
  for (const auto& names : members) plan.names.push_back(Names(names));
  if (folds < values.size()) {
    plan.note = absl::StrCat(values.size(), " are left out in ", folds, " bundles");
  }
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    const Run& run = dataset.runs[i];
    for (size_t w = 0; w < run.windows.size(); ++w) {
      plan.fold_of_window[i][w] = static_cast<int>(order[ValueOf(run.windows[w], by)] % folds);
    }
  }
  AssignRowsByWindow(dataset, plan);
  return plan;
}

// Rows that training must not see.
std::vector<bool> HiddenRows(const Run& run, const FoldPlan& plan, size_t run_index, int fold) {
  std::vector<bool> hidden(run.time.size());
  for (size_t r = 0; r < hidden.size(); ++r) hidden[r] = plan.fold_of_row[run_index][r] == fold;
  for (size_t w = 0; w < run.windows.size(); ++w) {
    if (plan.fold_of_window[run_index][w] != fold) continue;
    const LabelWindow& window = run.windows[w];
    const size_t end = RowAt(run, window.end + plan.recovery_s);
    for (size_t r = RowAt(run, window.start); r < end; ++r) hidden[r] = true;
  }
  return hidden;
}

// [first, end) of the rows that remain together when long hidden stretches are cut out.
std::vector<std::pair<size_t, size_t>> VisibleParts(const std::vector<bool>& hidden) {
  std::vector<std::pair<size_t, size_t>> parts;
  for (size_t r = 0; r < hidden.size(); ++r) {
    if (hidden[r]) continue;
    if (parts.empty() || r - parts.back().second > kLongestBridgeRows) {
      parts.emplace_back(r, r + 1);
    } else {
      parts.back().second = r + 1;
    }
  }
  return parts;
}

// Leaves out the columns without a single value: nothing is known of them.
void DropEmptyColumns(Dataset& part) {
  const size_t columns = part.columns.size();
  std::vector<bool> seen(columns, false);
  size_t unseen = columns;
  for (const Run& run : part.runs) {
    for (Eigen::Index r = 0; r < run.values.rows() && unseen > 0; ++r) {
      for (size_t c = 0; c < columns; ++c) {
        if (seen[c] || std::isnan(run.values(r, static_cast<Eigen::Index>(c)))) continue;
        seen[c] = true;
        --unseen;
      }
    }
  }
  if (unseen == 0) return;
  std::vector<Eigen::Index> kept;
  std::vector<std::string> names;
  for (size_t c = 0; c < columns; ++c) {
    if (!seen[c]) continue;
    kept.push_back(static_cast<Eigen::Index>(c));
    names.push_back(part.columns[c]);
  }
  part.columns = std::move(names);
  for (Run& run : part.runs) run.values = Matrix(run.values(Eigen::all, kept));
}

}  // namespace

std::string HoldOutName(HoldOut by) {
  switch (by) {
    case HoldOut::kGroup:
      return "group";
    case HoldOut::kKind:
      return "kind";
    case HoldOut::kIntensity:
      return "intensity";
  }
  return "";
}

absl::StatusOr<HoldOut> ParseHoldOut(absl::string_view name) {
  for (const HoldOut by : {HoldOut::kGroup, HoldOut::kKind, HoldOut::kIntensity}) {
    if (HoldOutName(by) == name) return by;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" cannot be left out; use group, kind or intensity"));
}

absl::StatusOr<FoldPlan> PlanFolds(const Dataset& dataset, HoldOut by, double recovery_s,
                                   size_t most_folds) {
  if (by == HoldOut::kGroup) return PlanByGroup(dataset, recovery_s, most_folds);
  return PlanByValue(dataset, by, recovery_s, most_folds);
}

Dataset TrainingPart(const Dataset& dataset, const FoldPlan& plan, int fold) {
  Dataset part;
  part.name = dataset.name;
  part.period_s = dataset.period_s;
  part.columns = dataset.columns;
  part.edges = dataset.edges;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    const Run& run = dataset.runs[i];
    const std::vector<bool> hidden = HiddenRows(run, plan, i, fold);
    const auto parts = VisibleParts(hidden);
    for (size_t p = 0; p < parts.size(); ++p) {
      const auto [first, end] = parts[p];
      Run& piece = part.runs.emplace_back();
      piece.id = parts.size() == 1 ? run.id : absl::StrCat(run.id, "/", p + 1);
      piece.group = GroupOf(run);
      piece.entity = run.entity;
      piece.time.assign(run.time.begin() + static_cast<std::ptrdiff_t>(first),
                        run.time.begin() + static_cast<std::ptrdiff_t>(end));
      piece.values = run.values.middleRows(static_cast<Eigen::Index>(first),
                                           static_cast<Eigen::Index>(end - first));
      for (size_t r = first; r < end; ++r) {
        if (!hidden[r]) continue;
        piece.values.row(static_cast<Eigen::Index>(r - first))
            .setConstant(std::numeric_limits<float>::quiet_NaN());
      }
      for (size_t w = 0; w < run.windows.size(); ++w) {
        const LabelWindow& window = run.windows[w];
        if (plan.fold_of_window[i][w] == fold) continue;
        if (window.start <= piece.time.back() && window.end > piece.time.front()) {
          piece.windows.push_back(window);
        }
      }
    }
  }
  DropEmptyColumns(part);
  return part;
}

}  // namespace grayling
