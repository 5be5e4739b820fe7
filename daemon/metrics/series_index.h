#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Texts and ids of series, and which of them a selector takes. Not thread-safe.
class SeriesIndex {
 public:
  size_t size() const { return texts_.size(); }
  // The address stays.
  const std::string& text(SeriesId id) const { return texts_[id]; }
  const std::deque<std::string>& texts() const { return texts_; }
  // Null when the series is new.
  const SeriesId* Find(absl::string_view series) const;
  // `series` is new.
  SeriesId Add(std::string series);
  // Ascending. Looks only at the series of the metric where the selector names one, and takes a
  // text apart only when it contains every value that a matcher wants to be equal.
  std::vector<SeriesId> Select(const SeriesSelector& selector) const;

 private:
  std::deque<std::string> texts_;  // by id
  absl::flat_hash_map<absl::string_view, SeriesId> ids_;
  absl::flat_hash_map<absl::string_view, std::vector<SeriesId>>
      by_metric_;  // "" where it is quoted
};

}  // namespace grayling
