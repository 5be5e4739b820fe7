#include "ml/core/retarget.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <vector>

#include "absl/algorithm/container.h"
#include "ml/core/feature_signal.h"
#include "ml/core/scale.h"

namespace grayling {
namespace {

// Indices of the model's input columns, per signal, in rising order of scale.
std::map<std::string, std::vector<size_t>> ColumnsBySignal(const Model& model) {
  std::map<std::string, std::vector<size_t>> by_signal;
  for (size_t c = 0; c < model.input_columns.size(); ++c) {
    by_signal[RoleOf(model.input_columns[c]).signal].push_back(c);
  }
  for (auto& [signal, columns] : by_signal) {
    absl::c_stable_sort(
        columns, [&](size_t a, size_t b) { return model.scales[a].scale < model.scales[b].scale; });
  }
  return by_signal;
}

float CommonMedian(const Model& model, const std::vector<size_t>& donors, float scale) {
  std::vector<float> medians;
  for (const size_t donor : donors) medians.push_back(model.scales[donor].median);
  absl::c_sort(medians);
  const bool agree = donors.size() > 1 && medians.back() - medians.front() <= scale;
  return agree ? medians[medians.size() / 2] : kUnknownLocation;
}

}  // namespace

Model Retarget(const Model& model, absl::Span<const std::string> columns) {
  Model fitted = model;
  if (model.services.empty()) return fitted;
  for (std::string& service : ServicesOf(columns)) {
    if (!absl::c_linear_search(model.services, service)) {
      fitted.services.push_back(std::move(service));
    }
  }
  const auto by_signal = ColumnsBySignal(model);
  const std::unordered_set<std::string> known(model.input_columns.begin(),
                                              model.input_columns.end());
  for (const std::string& column : ColumnsFor(model.features, columns, fitted.services)) {
    const auto donors = by_signal.find(RoleOf(column).signal);
    if (known.contains(column) || donors == by_signal.end()) continue;
    const size_t middle = donors->second[donors->second.size() / 2];
    const float scale = model.scales[middle].scale;
    fitted.input_columns.push_back(column);
    fitted.scales.push_back({CommonMedian(model, donors->second, scale), scale});
    if (!model.cleaning.empty()) fitted.cleaning.push_back(model.cleaning[middle]);
  }
  return fitted;
}

}  // namespace grayling
