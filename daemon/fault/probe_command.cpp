#include "daemon/fault/probe_command.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling {

std::vector<std::string> ApplyArguments(const std::string& tool, const FaultOrder& order,
                                        const std::vector<std::string>& target) {
  std::vector<std::string> argv = {
      tool,       "fault",    "apply",
      "--id",     order.id,   "--kind",
      order.kind, "--ttl-ms", absl::StrCat(absl::ToInt64Milliseconds(order.duration))};
  argv.insert(argv.end(), target.begin(), target.end());
  argv.insert(argv.end(), {"--shape", ShapeText(order.shape)});
  for (const auto& [name, value] : order.parameters) {
    argv.push_back("--param");
    argv.push_back(absl::StrFormat("%s=%.10g", name, value));
  }
  for (const auto& [name, value] : order.options) {
    argv.push_back("--option");
    argv.push_back(absl::StrCat(name, "=", value));
  }
  return argv;
}

std::vector<std::string> RevertArguments(const std::string& tool, const std::string& id) {
  return {tool, "fault", "revert", "--id", id};
}

}  // namespace grayling
