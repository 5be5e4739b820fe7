#pragma once

#include <cstddef>
#include <vector>

namespace grayling::probe {

// Anonymous memory of this process that grows and shrinks by chunks and is kept in use, so that the
// kernel does not take it for cold. Not thread-safe.
class HotMemory {
 public:
  explicit HotMemory(std::size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}
  ~HotMemory();
  HotMemory(const HotMemory&) = delete;
  HotMemory& operator=(const HotMemory&) = delete;

  // False when the kernel gives none.
  bool Grow();
  // False when there is nothing left.
  bool Shrink();
  // Touches this part of it, another one each time.
  void TouchPart(double part);

 private:
  void Touch(char* chunk, char value) const;

  std::size_t chunk_bytes_;
  std::vector<char*> chunks_;
  std::size_t next_ = 0;
};

}  // namespace grayling::probe
