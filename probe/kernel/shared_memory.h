#pragma once

#include <sys/mman.h>

#include <new>
#include <utility>

#include "probe/kernel/result.h"

namespace grayling::probe {

// One T in memory that this process shares with the children it forks from now on. T must consist
// of lock-free atomics; it is never destroyed.
template <typename T>
class SharedMemory {
 public:
  static Result<SharedMemory> Make() {
    void* memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return SystemError("cannot get memory to share with a process");
    SharedMemory shared;
    shared.value_ = new (memory) T();  // placement: the mapping owns it
    return shared;
  }
  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  SharedMemory& operator=(SharedMemory&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~SharedMemory() {
    if (value_ != nullptr) munmap(value_, sizeof(T));
  }

  bool valid() const { return value_ != nullptr; }
  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

 private:
  T* value_ = nullptr;
};

}  // namespace grayling::probe
