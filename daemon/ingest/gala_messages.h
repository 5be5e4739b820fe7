#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Reads what gala-gopher sends to Kafka: flat JSON objects in which metrics and labels stand side
// by side, and metadata objects that say which is which. A metric m of an entity e becomes the
// series gala_gopher_e_m, as gala-gopher's own page names it. Not thread-safe.
class GalaMessages {
 public:
  // `store` must outlive it.
  explicit GalaMessages(SampleStore& store) : store_(store) {}

  // A message of the metadata topic: the keys, labels and metrics of one table of an entity. A
  // later one of the same table replaces it. INVALID_ARGUMENT for what is none.
  absl::Status Learn(absl::string_view metadata);

  // Appends the samples of a message of the metrics topic to `batch`, one instant each. A field
  // that is a metric and holds no number is passed over (a histogram). INVALID_ARGUMENT for what
  // is no such message, NOT_FOUND for an entity of which no metadata came; the batch is then as it
  // was. Other errors are the store's, and leave part of the message.
  absl::Status Read(absl::string_view message, SampleBatch& batch);

 private:
  struct TableFields {
    std::vector<std::string> keys;
    std::set<std::string> metrics;
  };

  SampleStore& store_;
  // Per entity, per table.
  std::map<std::string, std::map<std::string, TableFields>> entities_;
};

}  // namespace grayling
