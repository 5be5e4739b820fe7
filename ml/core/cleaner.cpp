#include "ml/core/cleaner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "ml/core/relative_range.h"

namespace grayling {
namespace {

// The oscillation test looks at so many windows and steps (facts of TUNA's adaptation).
constexpr int kRegime = 10;
constexpr double kStableRegime = 0.3;
constexpr uint32_t kRegimeBits = (1U << kRegime) - 1;

absl::Status Check(const ColumnCleaning& column, size_t index) {
  const auto wrong = [index](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("the cleaning of column ", index, " has ", what, "; fit the model again"));
  };
  if (!column.active) return absl::OkStatus();
  if (column.window < kLeastWindow || column.window > kLargestWindow) {
    return wrong(absl::StrCat("a window of ", column.window, " rows, outside ", kLeastWindow, "..",
                              kLargestWindow));
  }
  if (column.longest_spike < 0 || column.longest_spike > kLongestSpike) {
    return wrong(absl::StrCat("a longest spike of ", column.longest_spike, " rows, outside 0..",
                              kLongestSpike));
  }
  if (!(column.epsilon > 0) || !(column.threshold >= 0) || !(column.least_range >= 0)) {
    return wrong("a negative threshold or range, or an epsilon that is not positive");
  }
  return absl::OkStatus();
}

// One column's causal state. `accepted` holds the last window - 1 values that belong to the series:
// neither spikes nor rows still in doubt.
struct Track {
  std::array<float, kLargestWindow> accepted = {};
  std::array<float, kRegime> ranges = {};  // RR of the last windows, a ring
  std::array<float, kLongestSpike> doubtful = {};
  int filled = 0;
  int next = 0;
  int seen_ranges = 0;
  int excursion = 0;  // rows of the present one
  bool passing = false;
  int quiet = kIsolation;
  float previous = 0;
  float previous_step = 0;
  uint32_t sign_changes = 0;  // one bit per step, the newest lowest
};

class WindowedCleaner final : public Cleaner {
 public:
  explicit WindowedCleaner(std::vector<ColumnCleaning> columns)
      : columns_(std::move(columns)), marks_(columns_.size()) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].active) active_.push_back(i);
    }
    tracks_.resize(active_.size());
  }

  void Reset() override {
    std::fill(tracks_.begin(), tracks_.end(), Track());
    std::fill(marks_.begin(), marks_.end(), RowMark::kNone);
  }

  void Step(absl::Span<float> row) override {
    for (size_t i = 0; i < active_.size(); ++i) {
      const size_t column = active_[i];
      marks_[column] = Clean(columns_[column], tracks_[i], row[column]);
    }
  }

  absl::Span<const RowMark> marks() const override { return marks_; }

 private:
  static void Accept(const ColumnCleaning& column, Track& track, float value) {
    const int kept = column.window - 1;
    track.accepted[static_cast<size_t>(track.next)] = value;
    track.next = track.next + 1 == kept ? 0 : track.next + 1;
    track.filled = std::min(track.filled + 1, kept);
  }

  static float Median(const ColumnCleaning& column, const Track& track) {
    std::array<float, kLargestWindow> values = track.accepted;
    const auto count = static_cast<size_t>(column.window - 1);
    auto* const middle = values.data() + count / 2;
    std::nth_element(values.data(), middle, values.data() + count);
    if (count % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.data(), middle)) / 2;
  }

  static void NoteStep(Track& track, float value) {
    const float step = value - track.previous;
    const bool turned = step * track.previous_step < 0;
    track.sign_changes = ((track.sign_changes << 1) | (turned ? 1U : 0U)) & kRegimeBits;
    if (step != 0) track.previous_step = step;
    track.previous = value;
  }

  static bool IsOscillation(const ColumnCleaning& column, const Track& track, double range) {
    if (range < column.baseline_low || range > column.baseline_high) return false;
    if (track.seen_ranges < kRegime) return false;
    if (2 * std::popcount(track.sign_changes) < kRegime) return false;
    double sum = 0;
    double squares = 0;
    for (const float value : track.ranges) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    const double mean = sum / kRegime;
    const double variance = std::max(0.0, squares / kRegime - mean * mean);
    return std::sqrt(variance) < kStableRegime * mean;
  }

  static RowMark Clean(const ColumnCleaning& column, Track& track, float& value) {
    if (!std::isfinite(value)) return RowMark::kNone;
    NoteStep(track, value);
    const int kept = column.window - 1;
    if (track.filled < kept) {
      Accept(column, track, value);
      return RowMark::kNone;
    }
    float low = value;
    float high = value;
    double sum = value;
    for (int i = 0; i < kept; ++i) {
      const float other = track.accepted[static_cast<size_t>(i)];
      low = std::min(low, other);
      high = std::max(high, other);
      sum += other;
    }
    const double width = static_cast<double>(high) - low;
    const double range = RelativeRange(low, high, sum / column.window, column.epsilon);
    track.ranges[static_cast<size_t>(track.seen_ranges % kRegime)] = static_cast<float>(range);
    // Keeps the ring's place and "at least kRegime seen" in one number that cannot overflow.
    track.seen_ranges = track.seen_ranges + 1 == 2 * kRegime ? kRegime : track.seen_ranges + 1;

    if (range > column.threshold && width > column.least_range) {
      const float middle = Median(column, track);
      // The window may be wide because of an older value: then this one is not the extreme.
      if (std::abs(static_cast<double>(value) - middle) > width / 2) {
        if (IsOscillation(column, track, range)) {
          Settle(track);
          Accept(column, track, value);
          return RowMark::kOscillation;
        }
        return Excursion(column, track, middle, value);
      }
    }
    Settle(track);
    track.quiet = std::min(track.quiet + 1, kIsolation);
    Accept(column, track, value);
    return RowMark::kNone;
  }

  // The series is back: rows in doubt were a spike and are forgotten.
  static void Settle(Track& track) {
    if (track.excursion > 0) track.quiet = 0;
    track.excursion = 0;
    track.passing = false;
  }

  static RowMark Excursion(const ColumnCleaning& column, Track& track, float middle, float& value) {
    if (track.excursion == 0) track.passing = track.quiet < kIsolation;
    ++track.excursion;
    if (!track.passing && track.excursion <= column.longest_spike) {
      track.doubtful[static_cast<size_t>(track.excursion - 1)] = value;
      value = middle;
      return RowMark::kSpike;
    }
    if (!track.passing) {
      for (int i = 0; i + 1 < track.excursion; ++i) {
        Accept(column, track, track.doubtful[static_cast<size_t>(i)]);
      }
      track.passing = true;
    }
    track.excursion = kLongestSpike + 1;
    Accept(column, track, value);
    return RowMark::kShift;
  }

  std::vector<ColumnCleaning> columns_;
  std::vector<size_t> active_;
  std::vector<Track> tracks_;
  std::vector<RowMark> marks_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Cleaner>> Cleaner::Create(std::vector<ColumnCleaning> columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    const absl::Status checked = Check(columns[i], i);
    if (!checked.ok()) return checked;
  }
  return std::make_unique<WindowedCleaner>(std::move(columns));
}

}  // namespace grayling
