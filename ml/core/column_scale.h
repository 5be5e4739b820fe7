#pragma once

namespace grayling {

// Robust location and scale of one input column, fitted on healthy training rows only.
struct ColumnScale {
  float median = 0;
  float scale = 1;  // 1.4826 * MAD, floored; never 0
};

}  // namespace grayling
