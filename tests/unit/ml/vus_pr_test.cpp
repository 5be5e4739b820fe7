#include "ml/core/vus_pr.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace grayling {
namespace {

using Segments = std::vector<std::pair<int, int>>;  // first, last

Segments SegmentsOf(const std::vector<bool>& positive) {
  Segments segments;
  for (int i = 0; i < static_cast<int>(positive.size()); ++i) {
    if (!positive[static_cast<size_t>(i)]) continue;
    if (i > 0 && positive[static_cast<size_t>(i - 1)]) {
      segments.back().second = i;
    } else {
      segments.emplace_back(i, i);
    }
  }
  return segments;
}

// Segments widened by `half` on each side, merged when they touch.
Segments Widened(const Segments& segments, int half, int rows) {
  Segments wide;
  for (const auto& [first, last] : segments) {
    if (!wide.empty() && first - half <= wide.back().second) {
      wide.back().second = last + half;
    } else {
      wide.emplace_back(std::max(first - half, 0), last + half);
    }
  }
  wide.back().second = std::min(wide.back().second, rows - 1);
  return wide;
}

std::vector<double> SoftLabels(const std::vector<bool>& positive, const Segments& segments, int l) {
  std::vector<double> labels(positive.begin(), positive.end());
  const int rows = static_cast<int>(labels.size());
  for (const auto& [first, last] : segments) {
    for (int d = 1; d <= l / 2; ++d) {
      const double label = std::sqrt(1 - static_cast<double>(d) / l);
      if (first - d >= 0) labels[static_cast<size_t>(first - d)] += label;
      if (last + d < rows) labels[static_cast<size_t>(last + d)] += label;
    }
  }
  for (double& label : labels) label = std::min(label, 1.0);
  return labels;
}

// The definition step by step: every window and threshold looks at every row again.
double SlowVusPr(const std::vector<float>& scores, const std::vector<bool>& positive, int window,
                 int thresholds) {
  const int rows = static_cast<int>(scores.size());
  const Segments segments = SegmentsOf(positive);
  const double positives = static_cast<double>(std::count(positive.begin(), positive.end(), true));
  std::vector<float> sorted = scores;
  std::sort(sorted.begin(), sorted.end(), std::greater<float>());
  const Segments widest = Widened(segments, window / 2, rows);
  double volume = 0;
  for (int l = 0; l <= window; ++l) {
    const std::vector<double> soft = SoftLabels(positive, segments, l);
    const Segments extended = Widened(segments, l / 2, rows);
    double before = 0;
    for (int j = 0; j < thresholds; ++j) {
      const double step = static_cast<double>(rows - 1) / (thresholds - 1);
      const double rank = j + 1 < thresholds ? j * step : rows - 1;
      const float threshold = sorted[static_cast<size_t>(rank)];
      const auto is_predicted = [&](int i) { return scores[static_cast<size_t>(i)] >= threshold; };
      double predicted = 0, hit = 0, labelled = 0, met = 0;
      for (int i = 0; i < rows; ++i) predicted += is_predicted(i) ? 1 : 0;
      for (const auto& [first, last] : widest) {
        for (int i = first; i <= last; ++i) {
          const double label = positive[static_cast<size_t>(i)] || is_predicted(i)
                                   ? soft[static_cast<size_t>(i)]
                                   : 0;
          labelled += label;
          hit += is_predicted(i) ? label : 0;
        }
      }
      for (const auto& [first, last] : extended) {
        bool any = false;
        for (int i = first; i <= last; ++i) any = any || is_predicted(i);
        met += any ? 1 : 0;
      }
      const double recall = std::min(hit / ((positives + labelled) / 2), 1.0);
      const double x = recall * met / static_cast<double>(extended.size());
      volume += (x - before) * hit / predicted;
      before = x;
    }
  }
  return volume / (window + 1);
}

RC_GTEST_PROP(VusPrProperty, EqualsTheDefinitionStepByStep, ()) {
  const int rows = *rc::gen::inRange(1, 120);
  const auto levels =
      *rc::gen::container<std::vector<int>>(static_cast<size_t>(rows), rc::gen::inRange(0, 20));
  auto marks =
      *rc::gen::container<std::vector<int>>(static_cast<size_t>(rows), rc::gen::inRange(0, 12));
  marks[static_cast<size_t>(*rc::gen::inRange(0, rows))] = 0;
  std::vector<bool> positive;
  for (const int mark : marks) positive.push_back(mark < 2);
  const int window = *rc::gen::inRange(0, 40);
  const int thresholds = *rc::gen::inRange(2, 60);
  const std::vector<float> scores(levels.begin(), levels.end());
  const double expected = SlowVusPr(scores, positive, window, thresholds);
  RC_ASSERT(std::abs(VusPr(scores, positive, window, thresholds) - expected) < 1e-9);
}

// Rows of 0 with a labelled stretch of 1.
std::vector<bool> Labels(size_t rows, size_t first, size_t count) {
  std::vector<bool> positive(rows, false);
  std::fill_n(positive.begin() + static_cast<std::ptrdiff_t>(first), count, true);
  return positive;
}

TEST(VusPr, OfAPerfectScoreWithoutWindowIsOne) {
  const auto positive = Labels(1000, 300, 100);
  const std::vector<float> scores(positive.begin(), positive.end());
  EXPECT_NEAR(VusPr(scores, positive, 0), 1, 1e-9);
}

TEST(VusPr, ForgivesAScoreThatIsAFewRowsLateWherePlainPrecisionDoesNot) {
  const auto positive = Labels(1000, 300, 20);
  const auto late = Labels(1000, 305, 20);
  const std::vector<float> scores(late.begin(), late.end());
  EXPECT_GT(VusPr(scores, positive, 20), VusPr(scores, positive, 0) + 0.05);
}

TEST(VusPr, IsNotDefinedWithoutALabelledRow) {
  EXPECT_TRUE(std::isnan(VusPr(std::vector<float>{1, 2}, {false, false}, 10)));
  EXPECT_TRUE(std::isnan(VusPr({}, {}, 10)));
}

TEST(VusPr, OfAConstantScoreIsThePrevalenceWithoutWindow) {
  EXPECT_NEAR(VusPr(std::vector<float>(100, 0.5F), Labels(100, 20, 30), 0), 0.3, 1e-12);
}

TEST(VusPr, TakesSeriesThatAreShorterThanTheWindow) {
  EXPECT_NEAR(VusPr(std::vector<float>{0.9F}, {true}, 100), 1, 1e-12);
  EXPECT_GT(VusPr(std::vector<float>{0.1F, 0.9F, 0.2F}, {false, true, false}, 100), 0);
}

}  // namespace
}  // namespace grayling
