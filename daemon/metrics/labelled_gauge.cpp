#include "daemon/metrics/labelled_gauge.h"

namespace grayling {

bool LabelledGauge::Set(const Labels& labels, double value) {
  auto found = series_.find(labels);
  if (found == series_.end()) {
    if (series_.size() >= largest_) return false;
    found = series_.emplace(labels, &family_.Add(labels)).first;
  }
  found->second->Set(value);
  return true;
}

void LabelledGauge::Remove(const Labels& labels) {
  const auto found = series_.find(labels);
  if (found == series_.end()) return;
  family_.Remove(found->second);
  series_.erase(found);
}

void LabelledGauge::ReplaceAll(const std::map<Labels, double>& values) {
  for (auto it = series_.begin(); it != series_.end();) {
    if (values.contains(it->first)) {
      ++it;
    } else {
      family_.Remove(it->second);
      it = series_.erase(it);
    }
  }
  for (const auto& [labels, value] : values) Set(labels, value);
}

}  // namespace grayling
