#include "ml/core/observability.h"

#include <cmath>

namespace grayling {
namespace {

float Trouble(float z) { return 1 - std::exp(-std::max(0.0F, z - 2) / 2); }

}  // namespace

float Observability::client() const { return Trouble(client_); }
float Observability::observer() const { return Trouble(observer_); }

}  // namespace grayling
