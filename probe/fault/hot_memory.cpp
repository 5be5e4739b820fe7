#include "probe/fault/hot_memory.h"

#include <sys/mman.h>
#include <unistd.h>

namespace grayling::probe {

HotMemory::~HotMemory() {
  while (Shrink()) {
  }
}

bool HotMemory::Grow() {
  void* memory =
      mmap(nullptr, chunk_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  madvise(memory, chunk_bytes_, MADV_NOHUGEPAGE);  // huge pages would overshoot a small limit
  chunks_.push_back(static_cast<char*>(memory));
  Touch(chunks_.back(), 1);
  return true;
}

bool HotMemory::Shrink() {
  if (chunks_.empty()) return false;
  munmap(chunks_.back(), chunk_bytes_);
  chunks_.pop_back();
  return true;
}

void HotMemory::TouchPart(double part) {
  const auto count = static_cast<std::size_t>(static_cast<double>(chunks_.size()) * part) + 1;
  for (std::size_t i = 0; i < count && !chunks_.empty(); ++i) {
    Touch(chunks_[next_++ % chunks_.size()], 2);
  }
}

void HotMemory::Touch(char* chunk, char value) const {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t at = 0; at < chunk_bytes_; at += page) {
    *const_cast<volatile char*>(chunk + at) = value;
  }
}

}  // namespace grayling::probe
