#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/vm/domain_xml.h"

namespace grayling {
namespace {

constexpr size_t kLongestId = 63;

absl::Status CheckId(absl::string_view id) {
  bool good = !id.empty() && id.size() <= kLongestId && absl::ascii_isalnum(id.front());
  for (const char c : id) good = good && (absl::ascii_isalnum(c) || absl::StrContains("-._", c));
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("VM id '", id, "' is not usable; use 1 to ", kLongestId,
                   " letters, digits, '-', '.' or '_', and begin with a letter or digit"));
}

absl::Status CheckText(absl::string_view field, absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(c)) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, " contains a control character; remove it"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPath(absl::string_view field, absl::string_view path, bool required) {
  if (path.empty()) {
    if (!required) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(field, " is empty; give an absolute path"));
  }
  if (path.front() != '/') {
    return absl::InvalidArgumentError(
        absl::StrCat(field, " '", path, "' is relative; give an absolute path"));
  }
  return CheckText(field, path);
}

absl::Status CheckForwards(const std::vector<PortForward>& forwards) {
  std::set<uint16_t> host_ports;
  for (const PortForward& forward : forwards) {
    if (forward.guest_port == 0) {
      return absl::InvalidArgumentError("a forward has guest_port 0; give the guest's TCP port");
    }
    if (forward.host_port != 0 && !host_ports.insert(forward.host_port).second) {
      return absl::InvalidArgumentError(absl::StrCat("host_port ", forward.host_port,
                                                     " is given to two forwards; use 0 to have "
                                                     "a free one chosen"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDefinition(const VmDefinition& definition) {
  GRAYLING_RETURN_IF_ERROR(CheckId(definition.id));
  GRAYLING_RETURN_IF_ERROR(DomainTypeOf(definition.accelerator).status());
  GRAYLING_RETURN_IF_ERROR(CheckPath("kernel_path", definition.kernel_path, true));
  GRAYLING_RETURN_IF_ERROR(CheckPath("initrd_path", definition.initrd_path, false));
  GRAYLING_RETURN_IF_ERROR(CheckPath("disk_path", definition.disk_path, true));
  GRAYLING_RETURN_IF_ERROR(CheckPath("payload_path", definition.payload_path, false));
  GRAYLING_RETURN_IF_ERROR(CheckPath("console_log_path", definition.console_log_path, false));
  GRAYLING_RETURN_IF_ERROR(CheckText("kernel_arguments", definition.kernel_arguments));
  if (definition.vcpus < 1 || definition.vcpus > 256) {
    return absl::InvalidArgumentError(
        absl::StrCat("vcpus is ", definition.vcpus, "; use 1 to 256"));
  }
  if (definition.memory_mib < 128) {
    return absl::InvalidArgumentError(
        absl::StrCat("memory_mib is ", definition.memory_mib, "; use at least 128"));
  }
  return CheckForwards(definition.forwards);
}

}  // namespace grayling
