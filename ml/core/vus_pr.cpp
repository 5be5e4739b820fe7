#include "ml/core/vus_pr.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace grayling {
namespace {

struct Segment {
  int first = 0;
  int last = 0;  // inclusive
};

std::vector<Segment> SegmentsOf(const std::vector<bool>& positive) {
  std::vector<Segment> segments;
  for (size_t row = 0; row < positive.size(); ++row) {
    if (!positive[row]) continue;
    const int at = static_cast<int>(row);
    if (row == 0 || !positive[row - 1]) segments.push_back({at, at});
    segments.back().last = at;
  }
  return segments;
}

// A row is predicted by threshold j exactly when its level is at most j.
class Surface {
 public:
  Surface(absl::Span<const float> scores, const std::vector<bool>& positive, int thresholds)
      : rows_(static_cast<int>(scores.size())),
        positive_(positive),
        segments_(SegmentsOf(positive)),
        levels_(scores.size()),
        predicted_(static_cast<size_t>(thresholds), 0),
        hits_(predicted_),
        soft_(scores.size(), 0),
        reached_(segments_.size()) {
    SetLevels(scores, thresholds);
    for (size_t s = 0; s < segments_.size(); ++s) {
      reached_[s] = *std::min_element(levels_.begin() + segments_[s].first,
                                      levels_.begin() + segments_[s].last + 1);
    }
  }

  // Windows must come in order, from 0: the segments' reach only grows.
  double AveragePrecision(int window) {
    Widen(window / 2);
    const std::vector<double> soft_hits = SoftHits(window);
    const std::vector<double> share = ShareOfSegmentsMet(window / 2);
    double area = 0, before = 0;
    for (size_t j = 0; j < predicted_.size(); ++j) {
      const double labelled = positives_ + soft_hits[j];
      const double true_positives = hits_[j] + soft_hits[j];
      const double recall = std::min(2 * true_positives / (positives_ + labelled), 1.0);
      const double x = recall * share[j];
      area += (x - before) * true_positives / predicted_[j];
      before = x;
    }
    return area;
  }

 private:
  void SetLevels(absl::Span<const float> scores, int thresholds) {
    std::vector<float> descending(scores.begin(), scores.end());
    std::sort(descending.begin(), descending.end(), std::greater<float>());
    std::vector<float> at;
    // Rounded as numpy's linspace does, so that the ranks are the original's.
    const double step = static_cast<double>(rows_ - 1) / (thresholds - 1);
    for (int j = 0; j + 1 < thresholds; ++j)
      at.push_back(descending[static_cast<size_t>(j * step)]);
    at.push_back(descending.back());
    for (size_t row = 0; row < scores.size(); ++row) {
      const auto level = std::lower_bound(at.begin(), at.end(), scores[row], std::greater<float>());
      levels_[row] = static_cast<int>(level - at.begin());
      ++predicted_[static_cast<size_t>(levels_[row])];
      if (positive_[row]) {
        ++hits_[static_cast<size_t>(levels_[row])];
        ++positives_;
      }
    }
    Accumulate(predicted_);
    Accumulate(hits_);
  }

  static void Accumulate(std::vector<double>& counts) {
    for (size_t j = 1; j < counts.size(); ++j) counts[j] += counts[j - 1];
  }

  // Lets each segment's lowest level cover `half` rows on both sides.
  void Widen(int half) {
    for (; half_ < half; ++half_) {
      for (size_t s = 0; s < segments_.size(); ++s) {
        const int left = segments_[s].first - half_ - 1;
        const int right = segments_[s].last + half_ + 1;
        if (left >= 0) reached_[s] = std::min(reached_[s], levels_[static_cast<size_t>(left)]);
        if (right < rows_) reached_[s] = std::min(reached_[s], levels_[static_cast<size_t>(right)]);
      }
    }
  }

  // Per threshold: the sum of the soft labels outside segments over the predicted rows.
  std::vector<double> SoftHits(int window) {
    std::vector<double> hits(predicted_.size(), 0);
    std::vector<int> touched;
    const auto touch = [&](int row, double label) {
      if (row < 0 || row >= rows_ || positive_[static_cast<size_t>(row)] || label <= 0) return;
      double& soft = soft_[static_cast<size_t>(row)];
      if (soft == 0) touched.push_back(row);
      soft += label;
    };
    for (int distance = 1; distance <= window / 2; ++distance) {
      const double label = std::sqrt(1 - static_cast<double>(distance) / window);
      for (const Segment& segment : segments_) {
        touch(segment.first - distance, label);
        touch(segment.last + distance, label);
      }
    }
    for (const int row : touched) {
      double& soft = soft_[static_cast<size_t>(row)];
      hits[static_cast<size_t>(levels_[static_cast<size_t>(row)])] += std::min(soft, 1.0);
      soft = 0;
    }
    Accumulate(hits);
    return hits;
  }

  std::vector<double> ShareOfSegmentsMet(int half) const {
    std::vector<double> share(predicted_.size(), 0);
    double merged = 0;
    for (size_t s = 0; s < segments_.size();) {
      int lowest = reached_[s];
      size_t next = s + 1;
      while (next < segments_.size() &&
             segments_[next].first - half <= segments_[next - 1].last + half) {
        lowest = std::min(lowest, reached_[next++]);
      }
      ++share[static_cast<size_t>(lowest)];
      ++merged;
      s = next;
    }
    Accumulate(share);
    for (double& value : share) value /= merged;
    return share;
  }

  const int rows_;
  const std::vector<bool>& positive_;
  const std::vector<Segment> segments_;
  std::vector<int> levels_;
  std::vector<double> predicted_;  // rows at or over each threshold
  std::vector<double> hits_;       // those inside segments
  double positives_ = 0;
  std::vector<double> soft_;  // scratch, zero between calls
  std::vector<int> reached_;  // lowest level of each segment and `half_` rows around it
  int half_ = 0;
};

}  // namespace

double VusPr(absl::Span<const float> scores, const std::vector<bool>& positive, int window,
             int thresholds) {
  if (std::find(positive.begin(), positive.end(), true) == positive.end()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  Surface surface(scores, positive, thresholds);
  double sum = 0;
  for (int l = 0; l <= window; ++l) sum += surface.AveragePrecision(l);
  return sum / (window + 1);
}

}  // namespace grayling
