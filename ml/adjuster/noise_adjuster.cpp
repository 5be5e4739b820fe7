#include "ml/adjuster/noise_adjuster.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/adjuster/host_state.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

constexpr int kFolds = 5;
constexpr size_t kLeastRows = 100;
constexpr double kLeastCenter = 1e-9;
constexpr double kMostCells = 2.5e8;  // 1 GB of floats

struct BaselineRow {
  size_t run;  // of the data set
  Eigen::Index row;
  int fold;
  float deviation;  // kpi / center - 1; the plain KPI until the center is known
};

std::vector<BaselineRow> FindBaseline(const Dataset& dataset, absl::Span<const size_t> runs,
                                      const NoiseAdjusterSettings& settings) {
  std::vector<std::string> groups;
  std::vector<BaselineRow> rows;
  for (const size_t index : runs) {
    const Run& run = dataset.runs[index];
    const std::string& name = run.group.empty() ? run.id : run.group;
    const auto group = std::find(groups.begin(), groups.end(), name) - groups.begin();
    if (static_cast<size_t>(group) == groups.size()) groups.push_back(name);
    const std::vector<RowKind> kinds = KindsOfRows(run, settings.recovery_s);
    for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
      const float value = run.values(row, static_cast<Eigen::Index>(settings.kpi));
      if (kinds[static_cast<size_t>(row)] != RowKind::kFaultFree || !std::isfinite(value)) continue;
      rows.push_back({index, row, static_cast<int>(group) % kFolds, value});
    }
  }
  if (groups.size() < 3) {
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].fold = static_cast<int>(i * kFolds / rows.size());
    }
  }
  return rows;
}

double Median(const std::vector<BaselineRow>& rows) {
  std::vector<float> values;
  for (const BaselineRow& row : rows) values.push_back(row.deviation);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Whether a row of another fold is near enough in its run to share host state with this one.
std::vector<bool> NearFold(const std::vector<BaselineRow>& rows, int fold, int window) {
  std::vector<bool> near(rows.size(), false);
  const auto sweep = [&](auto first, auto last) {
    const BaselineRow* latest = nullptr;
    for (auto i = first; i != last; ++i) {
      const BaselineRow& row = rows[static_cast<size_t>(*i)];
      if (row.fold == fold) latest = &row;
      if (latest != nullptr && latest->run == row.run && std::abs(latest->row - row.row) < window) {
        near[static_cast<size_t>(*i)] = true;
      }
    }
  };
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  sweep(order.begin(), order.end());
  sweep(order.rbegin(), order.rend());
  return near;
}

class Adjuster {
 public:
  Adjuster(Dataset& dataset, std::vector<BaselineRow> rows, const NoiseAdjusterSettings& settings)
      : dataset_(dataset), rows_(std::move(rows)), settings_(settings) {
    for (const Run& run : dataset.runs) {
      states_.push_back(HostState(run, settings.host_columns, settings.window));
    }
  }

  // Trees fitted on all baseline rows that are not `left_out`, and the mean of their targets.
  absl::StatusOr<BoostedTrees> FitWithout(const std::vector<bool>& left_out, double& mean) const {
    std::vector<size_t> chosen;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (!left_out[i]) chosen.push_back(i);
    }
    std::vector<float> targets;
    double sum = 0;
    for (const size_t i : chosen) {
      targets.push_back(rows_[i].deviation);
      sum += rows_[i].deviation;
    }
    mean = chosen.empty() ? 0 : sum / static_cast<double>(chosen.size());
    return BoostedTrees::Fit(Inputs(chosen), targets, settings_.trees);
  }

  // Predicts every baseline row by trees without its fold.
  absl::Status CrossFit(NoiseAdjustment& result) {
    out_of_fold_.assign(rows_.size(), 0);
    double errors = 0;
    double deviations = 0;
    for (int fold = 0; fold < kFolds; ++fold) {
      std::vector<size_t> members;
      for (size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].fold == fold) members.push_back(i);
      }
      if (members.empty()) continue;
      ++result.folds;
      double mean = 0;
      GRAYLING_ASSIGN_OR_RETURN(const BoostedTrees trees,
                                FitWithout(NearFold(rows_, fold, settings_.window), mean));
      GRAYLING_ASSIGN_OR_RETURN(const std::vector<float> predicted, trees.Predict(Inputs(members)));
      for (size_t i = 0; i < members.size(); ++i) {
        const double target = rows_[members[i]].deviation;
        out_of_fold_[members[i]] = predicted[i];
        errors += (target - predicted[i]) * (target - predicted[i]);
        deviations += (target - mean) * (target - mean);
      }
    }
    result.r2 = deviations > 0 ? 1 - errors / deviations : 0;
    return absl::OkStatus();
  }

  absl::Status Apply(double center) {
    double mean = 0;
    GRAYLING_ASSIGN_OR_RETURN(const BoostedTrees trees,
                              FitWithout(std::vector<bool>(rows_.size(), false), mean));
    const auto kpi = static_cast<Eigen::Index>(settings_.kpi);
    const Eigen::Index columns = static_cast<Eigen::Index>(dataset_.columns.size());
    dataset_.columns.push_back(absl::StrCat(dataset_.columns[settings_.kpi], kResidualSuffix));
    for (size_t index = 0; index < dataset_.runs.size(); ++index) {
      Run& run = dataset_.runs[index];
      GRAYLING_ASSIGN_OR_RETURN(std::vector<float> predicted, trees.Predict(states_[index]));
      for (size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].run == index) predicted[static_cast<size_t>(rows_[i].row)] = out_of_fold_[i];
      }
      run.values.conservativeResize(Eigen::NoChange, columns + 1);
      for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
        const double deviation = std::clamp<double>(predicted[static_cast<size_t>(row)],
                                                    kLeastDeviation, kMostDeviation);
        const double adjusted = run.values(row, kpi) / (1 + deviation);
        run.values(row, kpi) = static_cast<float>(adjusted);
        run.values(row, columns) = static_cast<float>(adjusted / center - 1);
      }
    }
    return absl::OkStatus();
  }

 private:
  Matrix Inputs(const std::vector<size_t>& chosen) const {
    Matrix inputs(static_cast<Eigen::Index>(chosen.size()),
                  static_cast<Eigen::Index>(3 * settings_.host_columns.size()));
    for (size_t i = 0; i < chosen.size(); ++i) {
      const BaselineRow& row = rows_[chosen[i]];
      inputs.row(static_cast<Eigen::Index>(i)) = states_[row.run].row(row.row);
    }
    return inputs;
  }

  Dataset& dataset_;
  std::vector<BaselineRow> rows_;
  const NoiseAdjusterSettings& settings_;
  std::vector<Matrix> states_;  // per run
  std::vector<float> out_of_fold_;
};

}  // namespace

absl::StatusOr<NoiseAdjustment> AdjustKpi(Dataset& dataset, absl::Span<const size_t> baseline,
                                          const NoiseAdjusterSettings& settings) {
  const std::string& name = dataset.columns[settings.kpi];
  int64_t all_rows = 0;
  for (const Run& run : dataset.runs) all_rows += run.values.rows();
  // The states of all runs, and the inputs of one fit.
  const double cells =
      6 * static_cast<double>(all_rows) * static_cast<double>(settings.host_columns.size());
  if (cells > kMostCells) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings.host_columns.size(), " host columns over ", all_rows,
                     " rows need too much memory; name fewer host columns"));
  }
  std::vector<BaselineRow> rows = FindBaseline(dataset, baseline, settings);
  if (rows.size() < kLeastRows) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the column \"", name, "\" has values in only ", rows.size(),
        " fault-free rows of the baseline runs; at least ", kLeastRows, " are needed"));
  }
  NoiseAdjustment result;
  result.baseline = static_cast<int64_t>(rows.size());
  result.center = Median(rows);
  if (!(std::abs(result.center) > kLeastCenter)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the median of \"", name, "\" is zero, so it has no relative deviation; take another KPI"));
  }
  for (BaselineRow& row : rows) {
    row.deviation = static_cast<float>(row.deviation / result.center - 1);
  }
  Adjuster adjuster(dataset, std::move(rows), settings);
  GRAYLING_RETURN_IF_ERROR(adjuster.CrossFit(result));
  result.applied = result.r2 > 0;
  if (result.applied) GRAYLING_RETURN_IF_ERROR(adjuster.Apply(result.center));
  return result;
}

}  // namespace grayling
