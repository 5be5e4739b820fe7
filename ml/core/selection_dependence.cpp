#include "ml/core/selection_dependence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "ml/core/selection_forest.h"
#include "ml/core/selection_parallel.h"
#include "ml/core/selection_relevance.h"

namespace grayling {
namespace {

constexpr double kLeastCorrelation = 0.001;
constexpr double kCopy = 1 - 1e-6;
constexpr uint64_t kForestSeed = 1;

using Codes = std::vector<std::vector<uint8_t>>;

bool UsesInformation(SelectionCriterion criterion) {
  return criterion == SelectionCriterion::kMutualInformationDifference ||
         criterion == SelectionCriterion::kMutualInformationQuotient;
}

SelectionRelevance RelevanceOf(const SelectionSettings& settings) {
  if (settings.relevance) return *settings.relevance;
  if (UsesInformation(settings.criterion)) return SelectionRelevance::kMutualInformation;
  return settings.criterion == SelectionCriterion::kForestQuotient ? SelectionRelevance::kForest
                                                                   : SelectionRelevance::kFRatio;
}

double Distinct(absl::Span<const uint8_t> codes) {
  std::array<bool, 256> seen{};
  for (const uint8_t code : codes) seen[code] = code != kMissingBin;
  double count = 0;
  for (const bool is_there : seen) count += is_there ? 1 : 0;
  return count;
}

// The columns as contiguous arrays, and their relevance.
class Columns : public Dependence {
 public:
  Columns(const Matrix& values, absl::Span<const int> labels, const SelectionSettings& settings)
      : rows_(static_cast<size_t>(values.rows())),
        columns_(values),
        relevance_(static_cast<size_t>(values.cols())) {
    const SelectionRelevance what = RelevanceOf(settings);
    if (UsesInformation(settings.criterion) || what == SelectionRelevance::kMutualInformation ||
        what == SelectionRelevance::kForest) {
      codes_.resize(relevance_.size());
      ForEachInParallel(codes_.size(), settings.threads,
                        [&](size_t c) { codes_[c] = QuantileBins(Column(c), settings.bins); });
    }
    if (what == SelectionRelevance::kForest) {
      relevance_ = ForestImportance(codes_, labels, kForestSeed, settings.threads);
      return;
    }
    const std::vector<uint8_t> classes(labels.begin(), labels.end());
    ForEachInParallel(relevance_.size(), settings.threads, [&](size_t c) {
      if (what == SelectionRelevance::kFRatio) relevance_[c] = FRatio(Column(c), labels);
      if (what == SelectionRelevance::kKolmogorovSmirnov) {
        relevance_[c] = KolmogorovSmirnov(Column(c), labels);
      }
      if (what == SelectionRelevance::kMutualInformation) {
        // Miller-Madow: a finite sample of independent codes shows (a-1)(b-1)/2N nats on average.
        const double bias =
            (Distinct(codes_[c]) - 1) * (Distinct(classes) - 1) / (2 * static_cast<double>(rows_));
        relevance_[c] = MutualInformation(codes_[c], classes) - bias;
      }
    });
  }

  const std::vector<double>& relevance() const override { return relevance_; }

 protected:
  using ByColumn = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic>;

  absl::Span<const float> Column(size_t c) const {
    return absl::MakeConstSpan(columns_.data() + c * rows_, rows_);
  }

  size_t rows_;
  ByColumn columns_;
  Codes codes_;
  std::vector<double> relevance_;
};

class InformationDependence final : public Columns {
 public:
  InformationDependence(const Matrix& values, absl::Span<const int> labels,
                        const SelectionSettings& settings)
      : Columns(values, labels, settings), entropy_(codes_.size()) {
    for (size_t c = 0; c < codes_.size(); ++c) {
      entropy_[c] = MutualInformation(codes_[c], codes_[c]);
    }
    columns_.resize(0, 0);
  }
  double Redundancy(size_t a, size_t b) const override {
    return MutualInformation(codes_[a], codes_[b]);
  }
  bool IsCopy(double redundancy, size_t candidate) const override {
    return redundancy >= kCopy * entropy_[candidate];
  }

 private:
  std::vector<double> entropy_;
};

// Complete columns are centred and scaled once, so that a correlation is one dot product.
class CorrelationDependence final : public Columns {
 public:
  CorrelationDependence(const Matrix& values, absl::Span<const int> labels,
                        const SelectionSettings& settings)
      : Columns(values, labels, settings), unit_(relevance_.size(), 0) {
    codes_ = {};
    ForEachInParallel(unit_.size(), settings.threads, [&](size_t c) {
      auto column = columns_.col(static_cast<Eigen::Index>(c));
      if (column.array().isNaN().any()) return;
      const Eigen::VectorXd centred = column.cast<double>().array() - column.cast<double>().mean();
      const double norm = centred.norm();
      if (!(norm > 0)) return;
      column = (centred / norm).cast<float>();
      unit_[c] = 1;
    });
  }
  double Redundancy(size_t a, size_t b) const override {
    if (unit_[a] == 0 || unit_[b] == 0) {
      return AbsoluteCorrelation(Column(a), Column(b), kLeastCorrelation);
    }
    // Short float sums, added in double: as exact as doubles for our purpose, at float's speed.
    constexpr Eigen::Index kBlock = 256;
    const auto x = columns_.col(static_cast<Eigen::Index>(a));
    const auto y = columns_.col(static_cast<Eigen::Index>(b));
    double sum = 0;
    for (Eigen::Index r = 0; r < x.size(); r += kBlock) {
      const Eigen::Index n = std::min(kBlock, x.size() - r);
      sum += x.segment(r, n).dot(y.segment(r, n));
    }
    return std::max(std::abs(sum), kLeastCorrelation);
  }
  bool IsCopy(double redundancy, size_t) const override { return redundancy >= kCopy; }

 private:
  std::vector<char> unit_;
};

}  // namespace

std::unique_ptr<Dependence> Dependence::Create(const Matrix& values, absl::Span<const int> labels,
                                               const SelectionSettings& settings) {
  if (UsesInformation(settings.criterion)) {
    return std::make_unique<InformationDependence>(values, labels, settings);
  }
  return std::make_unique<CorrelationDependence>(values, labels, settings);
}

}  // namespace grayling
