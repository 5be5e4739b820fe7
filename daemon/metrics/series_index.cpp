#include "daemon/metrics/series_index.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/label_block.h"

namespace grayling {
namespace {

absl::string_view MetricOf(absl::string_view series) { return series.substr(0, series.find('{')); }

}  // namespace

const SeriesId* SeriesIndex::Find(absl::string_view series) const {
  const auto found = ids_.find(series);
  return found == ids_.end() ? nullptr : &found->second;
}

SeriesId SeriesIndex::Add(std::string series) {
  const auto id = static_cast<SeriesId>(texts_.size());
  const absl::string_view text = texts_.emplace_back(std::move(series));
  ids_.emplace(text, id);
  by_metric_[MetricOf(text)].push_back(id);
  return id;
}

std::vector<SeriesId> SeriesIndex::Select(const SeriesSelector& selector) const {
  std::vector<std::string> needles;
  const std::string* metric = nullptr;
  for (const LabelMatcher& matcher : selector.matchers()) {
    if (matcher.kind != LabelMatcher::Kind::kEqual || matcher.value.empty()) continue;
    if (matcher.label == "__name__") {
      metric = &matcher.value;
    } else {
      std::string needle = "=\"";
      AppendEscaped(matcher.value, needle);
      needles.push_back(absl::StrCat(needle, "\""));
    }
  }
  const auto takes = [&](SeriesId id) {
    const absl::string_view text = texts_[id];
    for (const std::string& needle : needles) {
      if (text.find(needle) == absl::string_view::npos) return false;
    }
    return selector.Takes(text);
  };
  std::vector<SeriesId> taken;
  if (metric == nullptr) {
    for (SeriesId id = 0; id < texts_.size(); ++id) {
      if (takes(id)) taken.push_back(id);
    }
    return taken;
  }
  for (const absl::string_view name : {absl::string_view(*metric), absl::string_view()}) {
    const auto found = by_metric_.find(name);
    if (found == by_metric_.end()) continue;
    std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(taken), takes);
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

}  // namespace grayling
