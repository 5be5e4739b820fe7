#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "daemon/load/jtl_row.h"
#include "daemon/load/load_meter.h"

namespace grayling {

// Counts JMeter's samples as a load's requests, so that a load of JMeter has the same series and
// statistics as the built-in one. Not thread-safe; the meter is.
//
// * The route is the sample's label. Beyond 64 labels it is "other": labels with an id in them must
//   not fill the store with series.
// * A transaction's row is left out once a request was seen: its requests have rows of their own,
//   and end before it. Without requests (a plan whose transactions generate parent samples writes
//   none) transactions are what is counted.
// * A request that nothing answered ("Non HTTP response code") is an error without a latency,
//   except for a time-out, which lasted as long as it says.
// * Bytes are the answer's headers and body; the built-in generator counts the body alone.
class JtlCounter {
 public:
  // `meter` has no routes of its own and must outlive the counter.
  explicit JtlCounter(LoadMeter& meter) : meter_(meter) {}

  void Count(const JtlRow& row);
  // Rows that were counted.
  uint64_t requests() const { return requests_; }
  // JMeter's threads at the end of the last sample.
  uint32_t users() const { return users_; }

 private:
  size_t RouteOf(absl::string_view label);

  LoadMeter& meter_;
  absl::flat_hash_map<std::string, size_t> routes_;
  bool saw_request_ = false;
  uint64_t requests_ = 0;
  uint32_t users_ = 0;
};

}  // namespace grayling
