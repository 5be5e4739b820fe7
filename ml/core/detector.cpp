#include "ml/core/detector.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "absl/memory/memory.h"
#include "base/status_macros.h"
#include "ml/core/alarm_votes.h"
#include "ml/core/cleaner.h"
#include "ml/core/features.h"
#include "ml/core/network_stepper.h"

namespace grayling {

// One row to the scores of all streams, by whatever the model is made of.
struct Detector::Impl {
  Impl(std::vector<std::string> read, std::vector<std::string> streams)
      : columns(std::move(read)),
        services(std::move(streams)),
        scores(services.size()),
        logits(services.size()) {}
  virtual ~Impl() = default;

  virtual void Reset() = 0;
  // Fills `scores` and `logits`.
  virtual void Score(absl::Span<const float> row) = 0;
  // Whether the alarm stands after the row; `score` is the largest of its scores.
  virtual bool Alarm(float score) = 0;

  const std::vector<std::string> columns;
  const std::vector<std::string> services;
  std::vector<float> scores;
  std::vector<float> logits;
};

// Cleaning, features, network, threshold and votes.
struct Detector::NetworkImpl final : Impl {
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const Model& model) {
    std::unique_ptr<Cleaner> cleaner;
    if (!model.cleaning.empty()) {
      GRAYLING_ASSIGN_OR_RETURN(cleaner, Cleaner::Create(model.cleaning));
    }
    GRAYLING_ASSIGN_OR_RETURN(
        FeatureBank bank,
        FeatureBank::Create(model.input_columns, model.scales, model.services, model.features));
    GRAYLING_ASSIGN_OR_RETURN(
        std::unique_ptr<NetworkStepper> network,
        NetworkStepper::Create(model.network, static_cast<int>(model.features.size()),
                               bank.streams()));
    return std::make_unique<NetworkImpl>(model, std::move(cleaner), std::move(bank),
                                         std::move(network));
  }

  NetworkImpl(const Model& model, std::unique_ptr<Cleaner> row_cleaner, FeatureBank feature_bank,
              std::unique_ptr<NetworkStepper> stepper)
      : Impl(model.input_columns,
             model.services.empty() ? std::vector<std::string>{""} : model.services),
        cleaner(std::move(row_cleaner)),
        bank(std::move(feature_bank)),
        network(std::move(stepper)),
        temperature(model.temperature),
        threshold(model.threshold),
        votes(model.alarm_votes, model.alarm_rows),
        cleaned(model.cleaning.size()) {}

  void Reset() override {
    if (cleaner != nullptr) cleaner->Reset();
    bank.Reset();
    network->Reset();
    votes.Reset();
  }

  void Score(absl::Span<const float> row) override {
    if (cleaner != nullptr) {
      std::copy(row.begin(), row.end(), cleaned.begin());
      cleaner->Step(absl::MakeSpan(cleaned));
      row = cleaned;
    }
    bank.Step(row);
    const Matrix& inputs = bank.output();
    for (int s = 0; s < bank.streams(); ++s) {
      const auto stream = static_cast<size_t>(s);
      const float logit = network->Step(
          s, absl::MakeConstSpan(inputs.row(s).data(), static_cast<size_t>(inputs.cols())));
      const bool present = bank.present(s);
      logits[stream] = present ? logit : -std::numeric_limits<float>::infinity();
      scores[stream] = present ? 1 / (1 + std::exp(-logit / temperature)) : 0;
    }
  }

  bool Alarm(float score) override { return votes.Add(static_cast<double>(score) >= threshold); }

  std::unique_ptr<Cleaner> cleaner;  // null: the rows are taken as they are
  FeatureBank bank;
  std::unique_ptr<NetworkStepper> network;
  float temperature;
  double threshold;
  AlarmVotes votes;
  std::vector<float> cleaned;
};

// A detector without labels: one stream, its own alarm rule.
struct Detector::NoveltyImpl final : Impl {
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const NoveltyModel& model) {
    GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<NoveltyScorer> scorer, NoveltyScorer::Create(model));
    return std::make_unique<NoveltyImpl>(model, std::move(scorer));
  }

  NoveltyImpl(const NoveltyModel& model, std::unique_ptr<NoveltyScorer> row_scorer)
      : Impl(model.columns, {""}), scorer(std::move(row_scorer)) {}

  void Reset() override { scorer->Reset(); }

  void Score(absl::Span<const float> row) override {
    scores[0] = scorer->Step(row);
    logits[0] = std::log(scores[0] / (1 - scores[0]));
  }

  bool Alarm(float) override { return scorer->alarm(); }

  std::unique_ptr<NoveltyScorer> scorer;
};

absl::StatusOr<std::unique_ptr<Detector>> Detector::Create(const Model& model) {
  GRAYLING_RETURN_IF_ERROR(CheckModel(model));
  absl::StatusOr<std::unique_ptr<Impl>> impl =
      model.novelty ? NoveltyImpl::Create(*model.novelty) : NetworkImpl::Create(model);
  GRAYLING_RETURN_IF_ERROR(impl.status());
  return absl::WrapUnique(new Detector(*std::move(impl)));
}

Detector::Detector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Detector::~Detector() = default;

const std::vector<std::string>& Detector::input_columns() const { return impl_->columns; }
const std::vector<std::string>& Detector::services() const { return impl_->services; }
absl::Span<const float> Detector::service_scores() const { return impl_->scores; }
absl::Span<const float> Detector::service_logits() const { return impl_->logits; }

void Detector::Reset() {
  impl_->Reset();
  std::fill(impl_->scores.begin(), impl_->scores.end(), 0.0F);
  std::fill(impl_->logits.begin(), impl_->logits.end(), 0.0F);
}

Verdict Detector::Step(absl::Span<const float> row) {
  impl_->Score(row);
  Verdict verdict;
  for (size_t s = 0; s < impl_->scores.size(); ++s) {
    if (impl_->scores[s] <= verdict.score) continue;
    verdict.score = impl_->scores[s];
    verdict.blamed = static_cast<int>(s);
  }
  verdict.alarm = impl_->Alarm(verdict.score);
  return verdict;
}

std::vector<int> InputPositions(const Detector& detector, absl::Span<const std::string> columns) {
  std::unordered_map<std::string, int> index;
  for (size_t c = 0; c < columns.size(); ++c) index.emplace(columns[c], static_cast<int>(c));
  std::vector<int> positions;
  for (const std::string& column : detector.input_columns()) {
    const auto entry = index.find(column);
    positions.push_back(entry == index.end() ? -1 : entry->second);
  }
  return positions;
}

void ForEachVerdict(Detector& detector, const Run& run, absl::Span<const int> positions,
                    const std::function<void(size_t row, const Verdict& verdict)>& visit) {
  detector.Reset();
  std::vector<float> row(positions.size());
  for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
    for (size_t c = 0; c < positions.size(); ++c) {
      row[c] =
          positions[c] < 0 ? std::numeric_limits<float>::quiet_NaN() : run.values(r, positions[c]);
    }
    visit(static_cast<size_t>(r), detector.Step(row));
  }
}

std::vector<Verdict> ScoreRun(Detector& detector, const Run& run, absl::Span<const int> positions) {
  std::vector<Verdict> verdicts;
  verdicts.reserve(run.time.size());
  ForEachVerdict(detector, run, positions,
                 [&](size_t, const Verdict& verdict) { verdicts.push_back(verdict); });
  return verdicts;
}

}  // namespace grayling
