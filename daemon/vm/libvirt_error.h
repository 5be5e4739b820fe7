#pragma once

#include <libvirt/virterror.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grayling {

// libvirt's error as a status, by its code and domain (its texts change between versions). `error`
// may be null: INTERNAL. `doing` is what was tried: "start domain lab".
absl::Status LibvirtStatus(absl::string_view doing, const virError* error);

// The same for the calling thread's last libvirt error.
absl::Status LastLibvirtStatus(absl::string_view doing);

}  // namespace grayling
