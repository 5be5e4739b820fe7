#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/cleaner_fit.h"
#include "ml/core/dataset.h"

namespace grayling {

// Whose rows make one column's baseline.
enum class CleaningScope {
  kEntity,  // all runs of one entity; runs without an entity belong together
  kRun,     // each run its own
};

struct DenoiseSettings {
  CleaningScope scope = CleaningScope::kEntity;
  std::vector<std::string> baseline;  // ids or groups of runs to fit on; empty: see BaselineRuns
  std::optional<double> threshold;
  std::optional<int> longest_spike;
  // Decide with the rows after in view: a held row that turns out to belong to a shift gets its
  // value back. For files that people read; a live detector cannot do it.
  bool hindsight = false;
  bool mask = false;  // add a column <column>#mask with the marks, as numbers of RowMark
};

// What became of one column of one scope. Rows count where the column has a value; rows shortly
// after a fault count neither as inside nor as outside.
struct SeriesReport {
  std::string column;
  std::string scope;  // entity or run; "" when there is one for all
  FittedColumn fit;
  int shortest_fault = 0;
  int64_t rows = 0;
  int64_t oscillations = 0, spikes = 0, shifts = 0;  // rows so marked; spikes are the repaired ones
  int64_t rows_inside = 0, repaired_inside = 0;      // of fault windows
  int64_t rows_outside = 0, repaired_outside = 0;
};

// The suffix of a mask column.
inline constexpr char kMaskSuffix[] = "#mask";

// Rows after a fault that are neither fault nor baseline.
inline constexpr double kRecoveryRows = 4;

// Doubles the columns: <column>#mask for each, from one matrix per run of the run's shape.
void AddMaskColumns(Dataset& dataset, absl::Span<const Matrix> marks);

// The runs to fit on, as indices: those named by id or group; else those with split "train"; else
// all. INVALID_ARGUMENT for a name that no run has.
absl::StatusOr<std::vector<size_t>> BaselineRuns(const Dataset& dataset,
                                                 absl::Span<const std::string> names);

// Cleans every run in place with Cleaner, each scope by what was fitted on its own baseline rows. A
// scope without baseline runs is fitted on those of all scopes. The reports are in order of scope
// and column. INVALID_ARGUMENT for settings out of range.
absl::StatusOr<std::vector<SeriesReport>> Denoise(Dataset& dataset,
                                                  const DenoiseSettings& settings);

// Cleans the run's values from a fresh state, as the detector does row by row; the run has the
// cleaner's columns. Returns the marks (RowMark as a number), missing where the value is.
Matrix CleanRun(Cleaner& cleaner, Run& run);

}  // namespace grayling
