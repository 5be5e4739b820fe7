#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/fault_shape.h"
#include "probe/kernel/result.h"

namespace grayling::probe {

// What is asked for: one fault, on one container, for a time.
struct FaultOrder {
  std::string id;
  std::string kind;  // one of the catalogue, base/fault_kinds.h
  std::int64_t ttl_ms = 0;
  std::string veth;                         // network.*: the host's end
  std::string cgroup;                       // of the container: its folder
  int pid = 0;                              // the container's first process; 0 = not watched
  std::string container;                    // Docker's id of it; may be empty
  std::string domain;                       // vm.*: libvirt's name of it
  std::vector<std::string> peer_addresses;  // network.*: only packets of these; empty: of all
  std::map<std::string, double> parameters;
  std::map<std::string, std::string> options;
  FaultShape shape;
  // When not empty ChaosBlade makes the fault: a whole line, {"blade", "create", ...}.
  std::vector<std::string> arguments;
  // What Revert() restores: filled from Effect::ReadEarlier() and on disk before anything changes.
  std::map<std::string, std::string> earlier;

  double Parameter(const std::string& name) const;     // 0 when absent
  std::string Option(const std::string& name) const;   // "" when absent
  std::string Earlier(const std::string& name) const;  // "" when absent
};

// Parse "name=value".
Status AddParameter(FaultOrder& order, const std::string& assignment);
Status AddOption(FaultOrder& order, const std::string& assignment);
// Parses a JSON list of texts.
Status SetArguments(FaultOrder& order, const std::string& json_list);

// Checks id, kind, duration, target, shape, and every parameter's and option's name and range. Also
// used on a mark read back from disk, so nothing unchecked ever reaches an effect.
Status Validate(const FaultOrder& order);

// Ids become file names: 1 to 128 of letters, digits, '.', '_', '-', not starting with a dot.
Status ValidateId(const std::string& id);

nlohmann::json ToJson(const FaultOrder& order);
Result<FaultOrder> FaultOrderFromJson(const nlohmann::json& object);

}  // namespace grayling::probe
