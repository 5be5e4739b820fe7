#pragma once

#include <string>

#include "ml/core/model.h"

namespace grayling {

// The series of the gauge that the model below reads for `service`.
std::string LoadOf(const std::string& service);

// A model made by hand for the services a and b: the score of a service rises with its gauge
// `load`, under 0.1 at 0 and over 0.8 at 5; threshold 0.5; one row is enough for an alarm.
Model TwoServiceModel();

}  // namespace grayling
