#include "ml/trainer/blame.h"

#include <algorithm>

namespace grayling {

BlameCount::BlameCount(const Run& run, const std::vector<std::string>& services,
                       const EvaluationSettings& settings)
    : run_(run),
      services_(services),
      grace_s_(settings.detection_grace_s),
      sums_(run.windows.size(), std::vector<double>(services.size(), 0)) {}

void BlameCount::Add(double time, const Verdict& verdict, absl::Span<const float> service_scores) {
  if (!verdict.alarm) return;
  for (size_t w = 0; w < run_.windows.size(); ++w) {
    if (time < run_.windows[w].start || time >= run_.windows[w].end + grace_s_) continue;
    for (size_t s = 0; s < services_.size(); ++s) {
      sums_[w][s] += static_cast<double>(service_scores[s]);
    }
  }
}

BlameResult BlameCount::Result() const {
  BlameResult result;
  for (size_t w = 0; w < run_.windows.size(); ++w) {
    const LabelWindow& window = run_.windows[w];
    const auto first = std::lower_bound(run_.time.begin(), run_.time.end(), window.start);
    if (window.service.empty() || first == run_.time.end() || *first >= window.end) continue;
    ++result.events;
    const auto best = std::max_element(sums_[w].begin(), sums_[w].end());
    if (*best > 0 && services_[static_cast<size_t>(best - sums_[w].begin())] == window.service) {
      ++result.right;
    }
  }
  return result;
}

}  // namespace grayling
