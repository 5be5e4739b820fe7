#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// What is asked for: one fault, on one container, for a time.
struct FaultOrder {
  std::string id;
  std::string kind;  // network.delay, network.loss, cpu.load, memory.pressure
  std::int64_t ttl_ms = 0;
  std::string veth;    // network.*: the host's end
  std::string cgroup;  // cpu.*, memory.*: its folder
  int pid = 0;         // the container's first process; 0 = not watched
  std::map<std::string, double> parameters;

  double Parameter(const std::string& name) const;  // 0 when absent
};

// Parses "name=value".
Status AddParameter(FaultOrder& order, const std::string& assignment);

// Checks id, kind, duration, target and every parameter's name and range. Also used on a mark read
// back from disk, so nothing unchecked ever reaches an effect.
Status Validate(const FaultOrder& order);

// Ids become file names: 1 to 128 of letters, digits, '.', '_', '-', not starting with a dot.
Status ValidateId(const std::string& id);

nlohmann::json ToJson(const FaultOrder& order);
Result<FaultOrder> FaultOrderFromJson(const nlohmann::json& object);

}  // namespace grayling::probe
