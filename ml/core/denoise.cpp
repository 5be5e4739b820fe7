#include "ml/core/denoise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/row_kind.h"

namespace grayling {
namespace {

struct Scope {
  std::string name;
  std::vector<size_t> runs;
};

std::vector<Scope> ScopesOf(const Dataset& dataset, CleaningScope kind) {
  std::vector<Scope> scopes;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    const Run& run = dataset.runs[i];
    const std::string& name = kind == CleaningScope::kRun ? run.id : run.entity;
    auto scope = std::find_if(scopes.begin(), scopes.end(),
                              [&](const Scope& known) { return known.name == name; });
    if (scope == scopes.end()) scope = scopes.insert(scope, Scope{name, {}});
    scope->runs.push_back(i);
  }
  return scopes;
}

void Count(const Run& run, const Matrix& marks, double recovery_s,
           absl::Span<SeriesReport> reports) {
  const std::vector<RowKind> kinds = KindsOfRows(run, recovery_s);
  for (Eigen::Index row = 0; row < marks.rows(); ++row) {
    const RowKind kind = kinds[static_cast<size_t>(row)];
    for (Eigen::Index column = 0; column < marks.cols(); ++column) {
      if (std::isnan(marks(row, column))) continue;
      SeriesReport& report = reports[static_cast<size_t>(column)];
      const auto mark = static_cast<RowMark>(marks(row, column));
      const int repaired = mark == RowMark::kSpike ? 1 : 0;
      ++report.rows;
      report.spikes += repaired;
      report.shifts += mark == RowMark::kShift ? 1 : 0;
      report.oscillations += mark == RowMark::kOscillation ? 1 : 0;
      if (kind == RowKind::kFault) {
        ++report.rows_inside;
        report.repaired_inside += repaired;
      } else if (kind == RowKind::kFaultFree) {
        ++report.rows_outside;
        report.repaired_outside += repaired;
      }
    }
  }
}

// Gives held rows their value back where the next marked row shows that they began a shift.
void RestoreShifts(const Matrix& raw, Run& run, Matrix& marks) {
  constexpr auto kSpike = static_cast<float>(RowMark::kSpike);
  constexpr auto kShift = static_cast<float>(RowMark::kShift);
  for (Eigen::Index column = 0; column < marks.cols(); ++column) {
    float following = 0;
    for (Eigen::Index row = marks.rows(); row-- > 0;) {
      float& mark = marks(row, column);
      if (std::isnan(mark)) continue;
      if (mark == kSpike && following == kShift) {
        mark = kShift;
        run.values(row, column) = raw(row, column);
      }
      following = mark;
    }
  }
}

absl::Status CheckSettings(const DenoiseSettings& settings) {
  if (settings.threshold.has_value() && !(*settings.threshold >= 0)) {
    return absl::InvalidArgumentError("the threshold on the relative range must be 0 or more");
  }
  if (settings.longest_spike.has_value() &&
      (*settings.longest_spike < 0 || *settings.longest_spike > kLongestSpike)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the longest spike must be 0 to ", kLongestSpike, " rows"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddMaskColumns(Dataset& dataset, absl::Span<const Matrix> marks) {
  const size_t columns = dataset.columns.size();
  for (size_t i = 0; i < columns; ++i) {
    dataset.columns.push_back(absl::StrCat(dataset.columns[i], kMaskSuffix));
  }
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    Matrix& values = dataset.runs[i].values;
    Matrix both(values.rows(), 2 * values.cols());
    both << values, marks[i];
    values = std::move(both);
  }
}

absl::StatusOr<std::vector<size_t>> BaselineRuns(const Dataset& dataset,
                                                 absl::Span<const std::string> names) {
  std::vector<size_t> runs;
  for (const std::string& name : names) {
    if (std::none_of(dataset.runs.begin(), dataset.runs.end(),
                     [&](const Run& run) { return run.id == name || run.group == name; })) {
      return absl::InvalidArgumentError(
          absl::StrCat("no run has the id or group \"", name,
                       "\"; name runs or groups that dataset.json lists"));
    }
  }
  const bool has_train = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return run.split == "train"; });
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    const Run& run = dataset.runs[i];
    const bool wanted = names.empty()
                            ? !has_train || run.split == "train"
                            : std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                                return run.id == name || run.group == name;
                              });
    if (wanted) runs.push_back(i);
  }
  return runs;
}

Matrix CleanRun(Cleaner& cleaner, Run& run) {
  const auto columns = static_cast<size_t>(run.values.cols());
  Matrix marks(run.values.rows(), run.values.cols());
  cleaner.Reset();
  for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
    cleaner.Step(absl::MakeSpan(run.values.data() + row * run.values.cols(), columns));
    for (size_t i = 0; i < columns; ++i) {
      const auto column = static_cast<Eigen::Index>(i);
      marks(row, column) = std::isnan(run.values(row, column))
                               ? std::numeric_limits<float>::quiet_NaN()
                               : static_cast<float>(cleaner.marks()[i]);
    }
  }
  return marks;
}

absl::StatusOr<std::vector<SeriesReport>> Denoise(Dataset& dataset,
                                                  const DenoiseSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(CheckSettings(settings));
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<size_t> baseline,
                            BaselineRuns(dataset, settings.baseline));
  const double recovery_s = kRecoveryRows * dataset.period_s;
  const CleaningSettings fit_settings{recovery_s, settings.threshold, settings.longest_spike};
  const std::vector<Scope> scopes = ScopesOf(dataset, settings.scope);

  // All fits come first: cleaning changes the very rows that they look at.
  std::vector<FittedCleaning> fits;
  for (const Scope& scope : scopes) {
    std::vector<const Run*> own;
    std::vector<const Run*> all;
    for (const size_t i : baseline) {
      all.push_back(&dataset.runs[i]);
      if (std::count(scope.runs.begin(), scope.runs.end(), i) > 0) own.push_back(all.back());
    }
    fits.push_back(FitCleaning(own.empty() ? all : own, fit_settings));
  }

  std::vector<SeriesReport> reports;
  std::vector<Matrix> marks(dataset.runs.size());
  for (size_t i = 0; i < scopes.size(); ++i) {
    const size_t first = reports.size();
    for (size_t column = 0; column < dataset.columns.size(); ++column) {
      reports.push_back({dataset.columns[column], scopes[i].name, fits[i].columns[column],
                         fits[i].shortest_fault});
    }
    GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Cleaner> cleaner,
                              Cleaner::Create(fits[i].Cleanings()));
    for (const size_t index : scopes[i].runs) {
      Run& run = dataset.runs[index];
      Matrix raw;
      if (settings.hindsight) raw = run.values;
      marks[index] = CleanRun(*cleaner, run);
      if (settings.hindsight) RestoreShifts(raw, run, marks[index]);
      Count(run, marks[index], recovery_s, absl::MakeSpan(reports).subspan(first));
    }
  }
  if (settings.mask) AddMaskColumns(dataset, marks);
  return reports;
}

}  // namespace grayling
