#include "ml/core/describe_target.h"

#include <cmath>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

float MeanOfKnown(const Matrix& values, Eigen::Index row,
                  const std::vector<Eigen::Index>& columns) {
  float sum = 0, known = 0;
  for (const Eigen::Index column : columns) {
    const float value = values(row, column);
    if (std::isnan(value)) continue;
    sum += value;
    ++known;
  }
  return known > 0 ? sum / known : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

std::vector<TargetColumn> TargetColumnsOf(const Dataset& dataset) {
  std::set<std::string> services;
  for (const Run& run : dataset.runs) {
    for (const LabelWindow& window : run.windows) {
      if (!window.service.empty()) services.insert(window.service);
    }
  }
  if (services.size() < 2) return {};
  std::map<std::string, TargetColumn> by_name;
  for (size_t c = 0; c < dataset.columns.size(); ++c) {
    const std::string& column = dataset.columns[c];
    const size_t slash = column.find('/');
    if (slash == std::string::npos) continue;
    const std::string place = column.substr(0, slash);
    const size_t arrow = place.find('>');
    const bool is_edge = arrow != std::string::npos;
    const std::string service = is_edge ? place.substr(arrow + 1) : place;
    if (services.count(service) == 0) continue;
    const std::string name =
        absl::StrCat(is_edge ? "*>(faulty)" : "(faulty)", column.substr(slash));
    TargetColumn& target = by_name[name];
    target.name = name;
    target.columns[service].push_back(static_cast<Eigen::Index>(c));
  }
  std::vector<TargetColumn> targets;
  for (auto& [name, target] : by_name) {
    if (target.columns.size() > 1) targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<std::vector<float>> ValuesOfTarget(const Dataset& dataset, const TargetColumn& target,
                                               absl::Span<const EventPhases> events) {
  std::vector<std::vector<float>> values;
  for (const Run& run : dataset.runs) {
    values.emplace_back(run.time.size(), std::numeric_limits<float>::quiet_NaN());
  }
  for (const EventPhases& event : events) {
    const Run& run = dataset.runs[event.run];
    const auto found = target.columns.find(run.windows[event.window].service);
    for (const RowRange& range : {event.before, event.during, event.settling, event.after}) {
      for (size_t row = range.first; row < range.last; ++row) {
        values[event.run][row] =
            found == target.columns.end()
                ? std::numeric_limits<float>::quiet_NaN()
                : MeanOfKnown(run.values, static_cast<Eigen::Index>(row), found->second);
      }
    }
  }
  return values;
}

}  // namespace grayling
