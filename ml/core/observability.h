#pragma once

#include <algorithm>

namespace grayling {

// Differential observability: what the clients of a service suffer beyond what a classic observer
// of it would report (Huang et al., "Gray Failure", HotOS 2017). In one row:
//   client    U_c = 1 - exp(-max(0, max(z_L, z_E, z_T) - 2) / 2)   in [0, 1)
//   observer  U_o = the same of the largest z of the service's resource figures
//   score     max(0, U_c - U_o)
// with robust z of latency and errors (rising) and of throughput (falling), trailing references
// (feature_reference.h); and for resources the standardised level, since an observer compares with
// fixed limits.
class Observability {
 public:
  void AddSymptom(float z) { client_ = std::max(client_, z); }  // of latency or errors
  void AddThroughput(float z) { client_ = std::max(client_, -z); }
  void AddResource(float level) { observer_ = std::max(observer_, level); }

  float client() const;    // U_c
  float observer() const;  // U_o
  float gap() const { return std::max(0.0F, client() - observer()); }

 private:
  float client_ = 0;
  float observer_ = 0;
};

}  // namespace grayling
