#pragma once

#include <cstddef>

namespace grayling {

// How often this thread has asked operator new for memory. The program must be linked with
// allocation_count.cpp, which replaces the operators.
size_t AllocationCount();

}  // namespace grayling
