#pragma once

#include <string>

namespace grayling {

struct MathThreads {
  int torch = 0;
  int openblas = 0;  // 0: the BLAS in use is not OpenBLAS
};

// One torch thread and one OpenBLAS thread: two pools that wait actively on the same cores make a
// small LSTM several times slower. Done by calls, since OpenBLAS reads its environment before main.
// Call once at start-up, before any tensor work. Returns the counts read back.
MathThreads UseOneMathThread();

// "1 torch thread, 1 OpenBLAS thread".
std::string Describe(const MathThreads& threads);

}  // namespace grayling
