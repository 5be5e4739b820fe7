#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace grayling {

// How one column is cleaned: fitted on fault-free training rows (cleaner_fit.h), kept in the model.
// The relative range of a trailing window, RR = (max - min) / max(|mean|, epsilon), over the
// threshold marks an outlier (TUNA's detector, EuroSys 2025, on a window; the window follows the
// column's robust coefficient of variation by the d2 rule). Windows count the values there are:
// missing cells take no place in them.
struct ColumnCleaning {
  bool active = false;       // false: the column passes through, unmarked
  double variability = 0;    // 1.4826 MAD / max(|median|, epsilon)
  int window = 3;            // rows, kLeastWindow..kLargestWindow
  double threshold = 0;      // on RR
  double epsilon = 1e-9;     // least magnitude of the mean
  double least_range = 0;    // a max - min not above this marks nothing
  double baseline_low = 0;   // RR of the baseline, 1st percentile
  double baseline_high = 0;  // and 99.5th: inside, stable oscillation is normal
  int longest_spike = 2;     // rows, 0..2: what lasts longer is a shift; 0 repairs nothing
};

inline constexpr int kLeastWindow = 2;
inline constexpr int kLargestWindow = 32;
inline constexpr int kLongestSpike = 2;
// A spike within so many values of another excursion is not isolated.
inline constexpr int kIsolation = 10;

// What a row of a cleaned column is.
enum class RowMark : unsigned char {
  kNone,
  kOscillation,  // over the threshold, but as restless as the baseline is: passes
  kSpike,        // isolated: repaired
  kShift,        // a change that lasts, or comes again and again: passes
};

// Cleans rows as they come, causally: isolated spikes of at most `longest_spike` rows are replaced
// by the median of the window before them, shifts never. Whether an excursion is a spike is known
// only when the series returns; until then its rows are held at that median and marked kSpike, and
// the row after the longest spike passes as a shift. A new level therefore shows `longest_spike`
// rows late, and no series is repaired in more than 2 of 12 values. Missing cells stay missing.
// Not thread-safe; Step() does not allocate.
class Cleaner {
 public:
  // INVALID_ARGUMENT names the column (from 0) and the setting that is out of range.
  static absl::StatusOr<std::unique_ptr<Cleaner>> Create(std::vector<ColumnCleaning> columns);
  virtual ~Cleaner() = default;

  virtual void Reset() = 0;
  // `row` (NaN is missing) is replaced by its cleaned values.
  virtual void Step(absl::Span<float> row) = 0;
  // Marks of the last Step, one per column.
  virtual absl::Span<const RowMark> marks() const = 0;
};

}  // namespace grayling
