#pragma once

#include "grayling/v1/model.pb.h"
#include "ml/core/model.h"

namespace grayling {

// What the daemon tells of a model file: description, threshold, provenance. Foreign bytes become
// valid UTF-8. Pure.
v1::Model AboutModel(const Model& model);

}  // namespace grayling
