#include "ml/report/training_overlap.h"

#include <algorithm>

namespace grayling {

TrainingOverlap OverlapWithTraining(const Provenance& provenance, const Dataset& dataset,
                                    const std::string& dataset_hash,
                                    const std::vector<const Run*>& judged) {
  TrainingOverlap overlap;
  const bool is_same = !dataset_hash.empty() && provenance.dataset_hash == dataset_hash;
  if (!is_same && provenance.dataset != dataset.name) return overlap;
  overlap.is_other_version = !is_same;
  const bool has_split = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return !run.split.empty(); });
  for (const Run* run : judged) {
    if (has_split && run->split != "train") continue;
    const std::string& group = run->group.empty() ? run->id : run->group;
    const auto& groups = provenance.groups;
    if (std::find(groups.begin(), groups.end(), group) != groups.end()) {
      overlap.seen.push_back(run->id);
    }
  }
  return overlap;
}

}  // namespace grayling
