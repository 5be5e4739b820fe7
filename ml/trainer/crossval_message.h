#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/trainer/crossval.h"

namespace grayling {

// What the process of one fold hands back.
struct FoldMessage {
  FoldSummary summary;
  // Of the fold's rows, run after run.
  std::vector<float> scores;
  std::vector<bool> alarms;
};

// Bytes for another process of this program, and back. INTERNAL for bytes that are not whole.
std::string PackFold(const FoldMessage& message);
absl::StatusOr<FoldMessage> UnpackFold(absl::string_view bytes);

}  // namespace grayling
