#include "ml/trainer/math_threads.h"

#include <dlfcn.h>
#include <torch/torch.h>

namespace grayling {
namespace {

// The BLAS behind libblas.so.3 can be swapped, so its functions are looked up at run time.
template <typename Function>
Function* Find(const char* symbol) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, symbol));
}

std::string Count(int threads, const std::string& what) {
  return std::to_string(threads) + " " + what + (threads == 1 ? " thread" : " threads");
}

}  // namespace

MathThreads UseOneMathThread() {
  at::set_num_threads(1);
  if (auto* set = Find<void(int)>("openblas_set_num_threads")) set(1);
  MathThreads threads;
  threads.torch = at::get_num_threads();
  if (auto* get = Find<int()>("openblas_get_num_threads")) threads.openblas = get();
  return threads;
}

std::string Describe(const MathThreads& threads) {
  return Count(threads.torch, "torch") + ", " +
         (threads.openblas == 0 ? "no OpenBLAS" : Count(threads.openblas, "OpenBLAS"));
}

}  // namespace grayling
