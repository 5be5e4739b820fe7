#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/vm/hypervisor.h"

namespace grayling {

// The libvirt domain that a VM becomes: q35, direct kernel boot, virtio disks, serial console into
// a file, guest-agent channel, user-mode network with forwards on 127.0.0.1 only.
// `domain_type` is libvirt's word for the virtualisation: kvm, qemu (emulated), or test. `uuid` is
// that of the domain to replace; empty lets libvirt choose one.
// INVALID_ARGUMENT when a field cannot be expressed (see CheckDefinition).
absl::StatusOr<std::string> DomainXml(const VmDefinition& definition, absl::string_view domain_type,
                                      absl::string_view uuid = "");

// libvirt's domain type for "kvm" and "tcg". INVALID_ARGUMENT for any other accelerator.
absl::StatusOr<std::string> DomainTypeOf(absl::string_view accelerator);

// Syntax and ranges only, no look at the disk. INVALID_ARGUMENT with one sentence: the id
// (1-63 letters, digits, '-', '.', '_', first a letter or digit), the accelerator, 1-256 vcpus,
// at least 128 MiB, absolute paths, kernel and disk present, guest ports given, no host port twice.
absl::Status CheckDefinition(const VmDefinition& definition);

// Replaces the five characters that XML reserves.
std::string XmlEscape(absl::string_view text);

}  // namespace grayling
