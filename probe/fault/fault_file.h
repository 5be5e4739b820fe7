#pragma once

#include <cstdint>

#include "probe/fault/fault_order.h"
#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// What a file is called for the instant in which it has a name, where the file system cannot make
// one without.
inline constexpr char kFaultFilePrefix[] = ".grayl-";

// A file without a name on the disk of a folder of the container (option `path`), for O_RDWR and
// these `flags`. Its blocks are taken as long as somebody has it open, and go with the last one,
// whatever ends them: a signal, the container's end, a guest whose power is cut.
Result<UniqueFd> MakeUnnamedFile(const FaultOrder& order, int flags = 0);

// What the folder's file system has left for ordinary users, bytes. Refuses a folder that is not on
// a disk.
Result<std::int64_t> FreeBytes(const FaultOrder& order);

}  // namespace grayling::probe
