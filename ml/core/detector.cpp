#include "ml/core/detector.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/alarm_votes.h"
#include "ml/core/features.h"
#include "ml/core/lstm_cell.h"

namespace grayling {
namespace {

absl::Status CheckShapes(const Model& model) {
  const auto inputs = static_cast<Eigen::Index>(model.features.size());
  const Eigen::Index hidden = model.head_weights.size();
  const LstmWeights& lstm = model.lstm;
  if (inputs == 0 || hidden == 0 || lstm.input.rows() != 4 * hidden ||
      lstm.input.cols() != inputs || lstm.recurrent.rows() != 4 * hidden ||
      lstm.recurrent.cols() != hidden || lstm.bias.size() != 4 * hidden) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's network does not fit its ", inputs, " features and ", hidden,
                     " hidden units (input ", lstm.input.rows(), "x", lstm.input.cols(),
                     ", recurrent ", lstm.recurrent.rows(), "x", lstm.recurrent.cols(), ", bias ",
                     lstm.bias.size(), "); train it again"));
  }
  if (model.alarm_votes < 1 || model.alarm_rows < model.alarm_votes || !(model.temperature > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's alarm rule ", model.alarm_votes, " of ", model.alarm_rows,
                     " at temperature ", model.temperature, " cannot work; train it again"));
  }
  return absl::OkStatus();
}

}  // namespace

struct Detector::Impl {
  std::vector<std::string> columns;
  std::vector<std::string> services;
  FeatureBank bank;
  LstmCell cell;
  Eigen::VectorXf head;
  float head_bias;
  float temperature;
  double threshold;
  AlarmVotes votes;

  // One column per service.
  Eigen::MatrixXf hidden;
  Eigen::MatrixXf memory;
  Eigen::VectorXf input;
  std::vector<float> scores;
  std::vector<float> logits;
};

absl::StatusOr<std::unique_ptr<Detector>> Detector::Create(const Model& model) {
  GRAYLING_RETURN_IF_ERROR(CheckShapes(model));
  GRAYLING_ASSIGN_OR_RETURN(FeatureBank bank, FeatureBank::Create(model.input_columns, model.scales,
                                                                  model.services, model.features));
  const auto streams = static_cast<size_t>(bank.streams());
  const Eigen::Index hidden = model.head_weights.size();
  std::vector<std::string> services = model.services;
  if (services.empty()) services.emplace_back();
  return absl::WrapUnique(new Detector(std::make_unique<Impl>(
      Impl{model.input_columns, std::move(services), std::move(bank), LstmCell(model.lstm),
           model.head_weights, model.head_bias, model.temperature, model.threshold,
           AlarmVotes(model.alarm_votes, model.alarm_rows),
           Eigen::MatrixXf::Zero(hidden, static_cast<Eigen::Index>(streams)),
           Eigen::MatrixXf::Zero(hidden, static_cast<Eigen::Index>(streams)),
           Eigen::VectorXf::Zero(static_cast<Eigen::Index>(model.features.size())),
           std::vector<float>(streams), std::vector<float>(streams)})));
}

Detector::Detector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Detector::~Detector() = default;

const std::vector<std::string>& Detector::input_columns() const { return impl_->columns; }
const std::vector<std::string>& Detector::services() const { return impl_->services; }
absl::Span<const float> Detector::service_scores() const { return impl_->scores; }
absl::Span<const float> Detector::service_logits() const { return impl_->logits; }

void Detector::Reset() {
  impl_->bank.Reset();
  impl_->hidden.setZero();
  impl_->memory.setZero();
  std::fill(impl_->scores.begin(), impl_->scores.end(), 0.0F);
  impl_->votes.Reset();
}

Verdict Detector::Step(absl::Span<const float> row) {
  Impl& impl = *impl_;
  impl.bank.Step(row);
  Verdict verdict;
  for (int s = 0; s < impl.bank.streams(); ++s) {
    const auto stream = static_cast<size_t>(s);
    impl.input = impl.bank.output().row(s);
    impl.cell.Step(impl.input, impl.hidden.col(s), impl.memory.col(s));
    if (impl.bank.present(s)) {
      impl.logits[stream] = impl.head.dot(impl.hidden.col(s)) + impl.head_bias;
      impl.scores[stream] = 1 / (1 + std::exp(-impl.logits[stream] / impl.temperature));
    } else {
      impl.logits[stream] = -std::numeric_limits<float>::infinity();
      impl.scores[stream] = 0;
    }
    if (impl.scores[stream] > verdict.score) {
      verdict.score = impl.scores[stream];
      verdict.blamed = s;
    }
  }
  verdict.alarm = impl.votes.Add(static_cast<double>(verdict.score) >= impl.threshold);
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
