#include "ml/core/novelty_crossval.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/dataset_split.h"

namespace grayling {
namespace {

constexpr double kHeadShare = 0.15;
constexpr size_t kLeastHeadRows = 20;

const std::string& GroupOf(const Run& run) { return run.group.empty() ? run.id : run.group; }

struct ScoredGroup {
  NoveltyFold fold;
  std::vector<Run> runs;  // without values
  std::vector<std::vector<float>> scores;
  std::vector<std::vector<bool>> alarms;
};

bool AnyMarked(const std::vector<Run>& runs, const std::string& split) {
  return std::any_of(runs.begin(), runs.end(), [&](const Run& run) { return run.split == split; });
}

size_t HeadRows(const Run& run) {
  const size_t rows = run.time.size();
  const auto share = static_cast<size_t>(kHeadShare * static_cast<double>(rows));
  return std::min(std::max(share, kLeastHeadRows), rows / 2);
}

Run Head(const Run& run) {
  Run head;
  head.id = run.id;
  head.values = run.values.topRows(static_cast<Eigen::Index>(HeadRows(run)));
  return head;
}

// Scores and alarms of all rows; those of the first `head` rows are 0, though the scorer saw them.
void Score(NoveltyScorer& scorer, const std::vector<Eigen::Index>& places, const Run& run,
           size_t head, ScoredGroup& group) {
  std::vector<float>& scores = group.scores.emplace_back(run.time.size(), 0.0F);
  std::vector<bool>& alarms = group.alarms.emplace_back(run.time.size(), false);
  std::vector<float> row(places.size());
  scorer.Reset();
  for (size_t r = 0; r < run.time.size(); ++r) {
    for (size_t c = 0; c < row.size(); ++c) {
      row[c] = run.values(static_cast<Eigen::Index>(r), places[c]);
    }
    const float score = scorer.Step(row);
    if (r < head) continue;
    scores[r] = score;
    alarms[r] = scorer.alarm();
  }
}

std::vector<Eigen::Index> PlacesOf(const NoveltyModel& model,
                                   const std::vector<std::string>& columns) {
  // The model keeps the data set's order and only leaves columns out.
  std::vector<Eigen::Index> places;
  size_t at = 0;
  for (const std::string& column : model.columns) {
    while (columns[at] != column) ++at;
    places.push_back(static_cast<Eigen::Index>(at++));
  }
  return places;
}

absl::StatusOr<ScoredGroup> ScoreGroup(const std::string& directory, const std::string& name,
                                       const NoveltyCrossvalSettings& settings) {
  GRAYLING_ASSIGN_OR_RETURN(Dataset dataset, ReadDataset(directory, [&](const Run& run) {
                              return GroupOf(run) == name;
                            }));
  ScoredGroup group;
  group.fold.group = name;
  group.fold.trained_on_heads = !AnyMarked(dataset.runs, "train");
  const std::string judged = AnyMarked(dataset.runs, "test") ? "test" : "";
  std::vector<Run> heads;
  std::vector<const Run*> training;
  std::vector<Run*> tests;
  heads.reserve(dataset.runs.size());
  for (Run& run : dataset.runs) {
    if (run.split == "train") training.push_back(&run);
    if (group.fold.trained_on_heads) training.push_back(&heads.emplace_back(Head(run)));
    if (group.fold.trained_on_heads || run.split == judged) tests.push_back(&run);
  }
  const absl::StatusOr<NoveltyModel> model = FitNovelty(
      dataset.columns, training, {settings.mode, dataset.period_s, settings.false_alarms_per_hour});
  if (model.ok()) {
    group.fold.training_rows = model->training_rows;
    group.fold.threshold = model->threshold;
    group.fold.alarm_votes = model->alarm_votes;
    group.fold.alarm_rows = model->alarm_rows;
    GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<NoveltyScorer> scorer,
                              NoveltyScorer::Create(*model));
    const std::vector<Eigen::Index> places = PlacesOf(*model, dataset.columns);
    for (const Run* run : tests) {
      Score(*scorer, places, *run, group.fold.trained_on_heads ? HeadRows(*run) : 0, group);
    }
  } else {
    group.fold.note = std::string(model.status().message());
    for (const Run* run : tests) {
      group.scores.emplace_back(run->time.size(), 0.0F);
      group.alarms.emplace_back(run->time.size(), false);
    }
  }
  for (Run* run : tests) {
    run->values.resize(0, 0);
    group.runs.push_back(std::move(*run));
  }
  return group;
}

// Calls `work` once for each of [0, count) from several threads, which end before this returns.
template <typename Work>
void InParallel(size_t count, int threads, const Work& work) {
  const auto cores = static_cast<size_t>(
      threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  std::atomic<size_t> next = 0;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (size_t t = 1; t < std::min(cores, count); ++t) others.emplace_back(loop);
  loop();
}

}  // namespace

absl::StatusOr<NoveltyCrossvalResult> CrossvalidateNovelty(
    const std::string& directory, const NoveltyCrossvalSettings& settings) {
  // Reads the list of runs alone.
  Dataset index;
  GRAYLING_ASSIGN_OR_RETURN(const Dataset read, ReadDataset(directory, [&](const Run& run) {
                              index.runs.push_back(run);
                              return false;
                            }));
  const std::vector<std::string> names = GroupsOf(index);
  std::vector<absl::StatusOr<ScoredGroup>> groups(names.size(), absl::InternalError("not scored"));
  InParallel(names.size(), settings.threads,
             [&](size_t i) { groups[i] = ScoreGroup(directory, names[i], settings); });

  NoveltyCrossvalResult result;
  result.period_s = read.period_s;
  for (absl::StatusOr<ScoredGroup>& group : groups) {
    GRAYLING_RETURN_IF_ERROR(group.status());
    for (size_t i = 0; i < group->runs.size(); ++i) {
      result.runs.push_back(std::move(group->runs[i]));
      result.scored.push_back({nullptr, std::move(group->scores[i]), std::move(group->alarms[i])});
    }
    result.folds.push_back(std::move(group->fold));
  }
  if (result.runs.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        directory, " has no run to score: every run is marked as training; mark some as test"));
  }
  for (size_t i = 0; i < result.runs.size(); ++i) result.scored[i].run = &result.runs[i];
  return result;
}

}  // namespace grayling
