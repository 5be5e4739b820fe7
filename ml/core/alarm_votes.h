#pragma once

#include <cstddef>
#include <vector>

namespace grayling {

// Debounces a thresholded score: an alarm stands while at least `votes` of the last `rows` rows
// were over. Rows before the first count as not over. Not thread-safe; Add() does not allocate.
class AlarmVotes {
 public:
  AlarmVotes(int votes, int rows) : needed_(votes), recent_(static_cast<size_t>(rows), 0) {}

  bool Add(bool over) {
    char& slot = recent_[row_++ % recent_.size()];
    count_ += static_cast<int>(over) - slot;
    slot = static_cast<char>(over);
    return count_ >= needed_;
  }

  void Reset() {
    recent_.assign(recent_.size(), 0);
    count_ = 0;
    row_ = 0;
  }

 private:
  int needed_;
  int count_ = 0;
  size_t row_ = 0;
  std::vector<char> recent_;
};

}  // namespace grayling
