#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ml/trainer/input_choice.h"
#include "ml/trainer/input_choice_curve.h"

namespace grayling {

// What `select` found.
struct SelectionResult {
  std::string criterion;
  std::string relevance;
  size_t candidates = 0;
  std::vector<ChosenInput> inputs;
  std::optional<InputCurve> curve;
  std::string no_curve;  // why there is none
};

// The ranked table, the curve as a plot with what speaks for more and for fewer inputs, and the
// stability; ends with a newline.
std::string SelectionText(const SelectionResult& result);

// The same for programs: one JSON document.
std::string SelectionJson(const SelectionResult& result);

}  // namespace grayling
