#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/statusor.h"

namespace grayling {

// `count` different TCP ports that are free on 127.0.0.1 now and not in `reserved`. They are taken
// from 20000-29999, below the kernel's range for outgoing connections, so that none is lost to one
// between the definition of a VM and its start. RESOURCE_EXHAUSTED when there are not enough.
absl::StatusOr<std::vector<uint16_t>> FreeLocalPorts(size_t count,
                                                     const std::set<uint16_t>& reserved);

// Whether a listener could be opened on 127.0.0.1 at `port` now.
bool IsLocalPortFree(uint16_t port);

}  // namespace grayling
