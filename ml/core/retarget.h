#pragma once

#include <string>

#include "absl/types/span.h"
#include "ml/core/model.h"

namespace grayling {

// The model made ready for data with these columns: services and edges that training never saw get
// a stream and input columns of the same signals (feature_name.h). What the model knew stays as it
// is, so that on the training columns it comes back unchanged.
// A new column takes the median of its signal's scales. Its location is the median of theirs where
// they agree within one scale; otherwise it is found from the column's first values, and the column
// counts as missing until then. Columns whose signal the model does not know are left out.
Model Retarget(const Model& model, absl::Span<const std::string> columns);

}  // namespace grayling
