#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/database.h"

namespace grayling {

// One change of the active model.
struct ModelActivation {
  std::string model;      // models/7, active from then on
  bool rollback = false;  // back to it, not on to it
  absl::Time time;
};

// Append-only history of the active model; its last entry says which one is active. Thread-safe.
class ModelActivations {
 public:
  explicit ModelActivations(Database& database) : database_(database) {}

  absl::Status Append(const ModelActivation& activation);
  // Oldest first.
  absl::StatusOr<std::vector<ModelActivation>> List();

 private:
  Database& database_;
};

}  // namespace grayling
