#include "ml/core/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace grayling {
namespace {

constexpr int kCodes = 64;
constexpr double kRedundancyFloor = 0.001;
// Redundancy of an exact copy under the quotient: such a column adds nothing, it must lose.
constexpr double kCopy = 1 - 1e-6;

// Relevance of each column and redundancy of pairs, under one criterion.
class Dependence {
 public:
  virtual ~Dependence() = default;
  virtual double Relevance(int column) const = 0;
  virtual double Redundancy(int a, int b) const = 0;
  virtual double Score(double relevance, double mean_redundancy) const = 0;
  virtual bool IsCopy(double redundancy, int candidate) const = 0;
};

class InformationDependence final : public Dependence {
 public:
  InformationDependence(const Matrix& values, absl::Span<const int> labels, int bins) {
    for (const int label : labels) classes_.push_back(static_cast<uint8_t>(label));
    std::vector<float> column(static_cast<size_t>(values.rows()));
    for (Eigen::Index c = 0; c < values.cols(); ++c) {
      Eigen::VectorXf::Map(column.data(), values.rows()) = values.col(c);
      codes_.push_back(QuantileBins(column, bins));
      entropy_.push_back(MutualInformation(codes_.back(), codes_.back()));
    }
  }
  double Relevance(int column) const override {
    const std::vector<uint8_t>& codes = codes_[static_cast<size_t>(column)];
    // Miller-Madow: a finite sample of independent codes shows (a-1)(b-1)/2N nats on average.
    const double bias = (Distinct(codes) - 1) * (Distinct(classes_) - 1) /
                        (2 * static_cast<double>(classes_.size()));
    return MutualInformation(codes, classes_) - bias;
  }
  double Redundancy(int a, int b) const override {
    return MutualInformation(codes_[static_cast<size_t>(a)], codes_[static_cast<size_t>(b)]);
  }
  double Score(double relevance, double mean_redundancy) const override {
    return relevance - mean_redundancy;
  }
  bool IsCopy(double redundancy, int candidate) const override {
    return redundancy >= kCopy * entropy_[static_cast<size_t>(candidate)];
  }

 private:
  static double Distinct(const std::vector<uint8_t>& codes) {
    std::array<bool, 256> seen{};
    for (const uint8_t code : codes) seen[code] = code != kMissingBin;
    return static_cast<double>(std::count(seen.begin(), seen.end(), true));
  }
  std::vector<std::vector<uint8_t>> codes_;
  std::vector<double> entropy_;
  std::vector<uint8_t> classes_;
};

class FRatioDependence final : public Dependence {
 public:
  FRatioDependence(const Matrix& values, absl::Span<const int> labels)
      : values_(values), labels_(labels) {}

  // One-way analysis of variance; NaN rows dropped; 0 when undefined.
  double Relevance(int column) const override {
    struct Group {
      double n = 0, sum = 0, squares = 0;
    };
    std::map<int, Group> groups;
    Group total;
    for (Eigen::Index r = 0; r < values_.rows(); ++r) {
      const double x = values_(r, column);
      if (std::isnan(x)) continue;
      for (Group* group : {&groups[labels_[static_cast<size_t>(r)]], &total}) {
        group->n += 1;
        group->sum += x;
        group->squares += x * x;
      }
    }
    const double between_freedom = static_cast<double>(groups.size()) - 1;
    const double within_freedom = total.n - static_cast<double>(groups.size());
    if (between_freedom < 1 || within_freedom < 1) return 0;
    double between = -total.sum * total.sum / total.n;
    for (const auto& [label, group] : groups) between += group.sum * group.sum / group.n;
    const double spread = total.squares - total.sum * total.sum / total.n;
    if (spread <= 1e-9 * (total.squares + 1e-30)) return 0;
    const double within = std::max(spread - between, 1e-9 * spread);
    return std::max(0.0, between / between_freedom / (within / within_freedom));
  }
  double Redundancy(int a, int b) const override {
    double n = 0, sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
    for (Eigen::Index r = 0; r < values_.rows(); ++r) {
      const double x = values_(r, a);
      const double y = values_(r, b);
      if (std::isnan(x) || std::isnan(y)) continue;
      n += 1;
      sa += x;
      sb += y;
      aa += x * x;
      bb += y * y;
      ab += x * y;
    }
    if (n < 2) return kRedundancyFloor;
    const double r = (ab - sa * sb / n) / std::sqrt((aa - sa * sa / n) * (bb - sb * sb / n));
    return std::isfinite(r) ? std::max(std::abs(r), kRedundancyFloor) : kRedundancyFloor;
  }
  double Score(double relevance, double mean_redundancy) const override {
    return relevance / std::max(mean_redundancy, kRedundancyFloor);
  }
  bool IsCopy(double redundancy, int) const override { return redundancy >= kCopy; }

 private:
  const Matrix& values_;
  absl::Span<const int> labels_;
};

std::vector<SelectedFeature> Greedy(const Dependence& dependence, int columns,
                                    const SelectionSettings& settings) {
  struct Candidate {
    int column;
    double relevance;
    double redundancy;  // accumulated: only the last pick is compared in each round
    bool copy;
  };
  std::vector<Candidate> candidates;
  for (int c = 0; c < columns; ++c) {
    const double relevance = dependence.Relevance(c);
    if (relevance > 0) candidates.push_back({c, relevance, 0, false});
  }
  double largest = 0;
  for (const Candidate& candidate : candidates) largest = std::max(largest, candidate.relevance);
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return candidate.relevance < settings.least_relevance_share * largest;
  });
  std::vector<SelectedFeature> picks;
  while (static_cast<int>(picks.size()) < settings.count && !candidates.empty()) {
    auto best = candidates.end();
    double best_score = 0;
    for (auto it = candidates.begin(); it != candidates.end(); ++it) {
      if (!picks.empty()) {
        const double redundancy = dependence.Redundancy(it->column, picks.back().column);
        it->copy = it->copy || dependence.IsCopy(redundancy, it->column);
        it->redundancy += redundancy;
      }
      if (it->copy) continue;
      const double score =
          picks.empty()
              ? it->relevance
              : dependence.Score(it->relevance, it->redundancy / static_cast<double>(picks.size()));
      if (best == candidates.end() || score > best_score) {
        best = it;
        best_score = score;
      }
    }
    if (best == candidates.end()) break;
    picks.push_back({best->column, best->relevance, best_score});
    candidates.erase(best);
  }
  return picks;
}

}  // namespace

std::vector<uint8_t> QuantileBins(absl::Span<const float> values, int bins) {
  bins = std::clamp(bins, 1, kCodes - 1);
  std::vector<float> sorted;
  sorted.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](float value) { return !std::isnan(value); });
  std::sort(sorted.begin(), sorted.end());

  // The most frequent value, when it alone would fill a bin.
  float frequent = std::numeric_limits<float>::quiet_NaN();
  size_t largest = sorted.size() / static_cast<size_t>(bins);
  for (auto it = sorted.begin(); it != sorted.end();) {
    const auto end = std::upper_bound(it, sorted.end(), *it);
    if (static_cast<size_t>(end - it) > largest) {
      largest = static_cast<size_t>(end - it);
      frequent = *it;
    }
    it = end;
  }
  int free_bins = bins;
  if (!std::isnan(frequent) && bins > 1) {
    const auto range = std::equal_range(sorted.begin(), sorted.end(), frequent);
    sorted.erase(range.first, range.second);
    --free_bins;
  }
  std::vector<float> cuts;
  for (int b = 1; b < free_bins && !sorted.empty(); ++b) {
    cuts.push_back(sorted[sorted.size() * static_cast<size_t>(b) / static_cast<size_t>(free_bins)]);
  }
  std::vector<uint8_t> codes;
  codes.reserve(values.size());
  for (const float value : values) {
    if (std::isnan(value)) {
      codes.push_back(kMissingBin);
    } else if (value == frequent && bins > 1) {
      codes.push_back(static_cast<uint8_t>(free_bins));
    } else {
      codes.push_back(
          static_cast<uint8_t>(std::upper_bound(cuts.begin(), cuts.end(), value) - cuts.begin()));
    }
  }
  return codes;
}

double MutualInformation(absl::Span<const uint8_t> a, absl::Span<const uint8_t> b) {
  std::array<uint32_t, kCodes * kCodes> joint{};
  const size_t n = std::min(a.size(), b.size());
  for (size_t i = 0; i < n; ++i) {
    if (a[i] < kCodes && b[i] < kCodes) ++joint[static_cast<size_t>(a[i]) * kCodes + b[i]];
  }
  std::array<double, kCodes> of_a{};
  std::array<double, kCodes> of_b{};
  double total = 0;
  for (size_t i = 0; i < joint.size(); ++i) {
    of_a[i / kCodes] += joint[i];
    of_b[i % kCodes] += joint[i];
    total += joint[i];
  }
  double information = 0;
  for (size_t i = 0; i < joint.size(); ++i) {
    if (joint[i] == 0) continue;
    const double p = joint[i];
    information += p / total * std::log(p * total / (of_a[i / kCodes] * of_b[i % kCodes]));
  }
  return std::max(0.0, information);
}

std::vector<SelectedFeature> SelectFeatures(const Matrix& values, absl::Span<const int> labels,
                                            const SelectionSettings& settings) {
  const int columns = static_cast<int>(values.cols());
  if (std::adjacent_find(labels.begin(), labels.end(), std::not_equal_to<>()) == labels.end()) {
    return {};
  }
  if (settings.criterion == SelectionCriterion::kFRatioQuotient) {
    return Greedy(FRatioDependence(values, labels), columns, settings);
  }
  return Greedy(InformationDependence(values, labels, settings.bins), columns, settings);
}

}  // namespace grayling
