#include "ml/trainer/input_choice_chance.h"

#include <algorithm>
#include <random>

namespace grayling {
namespace {

constexpr int kPlacements = 20;
constexpr int kTries = 50;  // to find a fault-free place

}  // namespace

ChanceRelevance::ChanceRelevance(const TrainingSet& set) : set_(set) {
  const auto candidates = static_cast<Eigen::Index>(set.candidates.size());
  sum_ = Eigen::ArrayXd::Zero(candidates);
  squares_ = Eigen::ArrayXd::Zero(candidates);
  for (const CandidateSequence& sequence : set.sequences) {
    for (size_t r = 0; r < sequence.labels.targets.size(); ++r) {
      if (sequence.labels.weights[r] < 1 || sequence.labels.targets[r] > 0.5F) continue;
      const auto row = sequence.features.row(static_cast<Eigen::Index>(r)).transpose().array();
      sum_ += row.cast<double>();
      squares_ += row.square().cast<double>();
      healthy_rows_ += 1;
    }
  }
}

std::vector<ChanceRelevance::Event> ChanceRelevance::EventsOf(const std::string& kind) const {
  std::vector<Event> events;
  for (size_t i = 0; i < set_.sequences.size(); ++i) {
    const StreamLabels& labels = set_.sequences[i].labels;
    bool inside = false;
    for (size_t r = 0; r < labels.targets.size(); ++r) {
      const bool counts =
          labels.weights[r] >= 1 && labels.targets[r] > 0.5F && labels.kind[r] == kind;
      if (counts && !inside) events.push_back({i, 0});
      if (counts) ++events.back().rows;
      inside = counts;
    }
  }
  return events;
}

bool ChanceRelevance::IsHealthy(const Event& event, Eigen::Index start) const {
  const StreamLabels& labels = set_.sequences[event.sequence].labels;
  for (Eigen::Index r = start; r < start + event.rows; ++r) {
    const auto row = static_cast<size_t>(r);
    if (labels.weights[row] < 1 || labels.targets[row] > 0.5F) return false;
  }
  return true;
}

std::vector<double> ChanceRelevance::For(const std::string& kind) const {
  const std::vector<Event> events = EventsOf(kind);
  std::mt19937_64 random(1);
  Eigen::ArrayXd mean = Eigen::ArrayXd::Zero(sum_.size());
  int placed = 0;
  for (int placement = 0; placement < kPlacements; ++placement) {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(sum_.size());
    double rows = 0;
    for (const Event& event : events) {
      const Matrix& features = set_.sequences[event.sequence].features;
      const Eigen::Index places = features.rows() - event.rows + 1;
      for (int attempt = 0; attempt < kTries && places > 0; ++attempt) {
        const auto start = static_cast<Eigen::Index>(random() % static_cast<uint64_t>(places));
        if (!IsHealthy(event, start)) continue;
        sum += features.middleRows(start, event.rows)
                   .cast<double>()
                   .colwise()
                   .sum()
                   .transpose()
                   .array();
        rows += static_cast<double>(event.rows);
        break;
      }
    }
    const double others = healthy_rows_ - rows;
    if (rows < 1 || others < 2) continue;
    ++placed;
    const Eigen::ArrayXd middle = sum_ / healthy_rows_;
    const Eigen::ArrayXd spread = (squares_ - sum_ * middle).max(1e-12);
    const Eigen::ArrayXd between = (rows * (sum / rows - middle).square() +
                                    others * ((sum_ - sum) / others - middle).square());
    mean += between / (spread - between).max(1e-9 * spread) * (healthy_rows_ - 2);
  }
  std::vector<double> chance(static_cast<size_t>(sum_.size()), 1);
  for (size_t c = 0; c < chance.size() && placed > 0; ++c) {
    chance[c] = std::max(1.0, mean(static_cast<Eigen::Index>(c)) / placed);
  }
  return chance;
}

}  // namespace grayling
