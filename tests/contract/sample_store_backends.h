#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// A backend of SampleStore under the contract suite.
struct SampleStoreBackend {
  std::string name;
  // Opens the store that lies in `folder`, or a new one. One at a time per folder.
  std::function<absl::StatusOr<std::unique_ptr<SampleStore>>(const std::string& folder)> open;
  // A second `open` of the folder finds what was flushed.
  bool survives_reopening = true;
  // Expire takes samples away (it may keep more than it must).
  bool can_expire = true;
  // Moves what is stored into the form that it has for long. May be empty.
  std::function<absl::Status(SampleStore&)> settle = nullptr;
  // Why the backend cannot be tested here; empty when it can.
  std::string skip = "";
};

// For GoogleTest's messages.
inline void PrintTo(const SampleStoreBackend& backend, std::ostream* out) { *out << backend.name; }

// To add a backend, add it here.
std::vector<SampleStoreBackend> SampleStoreBackends();

}  // namespace grayling
