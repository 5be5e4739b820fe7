#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "probe/fault/child_program.h"
#include "probe/kernel/result.h"

namespace grayling::probe {

// What ChaosBlade's `blade` said, read with distrust. Its answer is one line of JSON, {"code",
// "success", "error"?, "result"?}, on either stream, at times behind "Error: " and before cobra's
// usage text. An answer counts as a success only when all of its parts agree: exit code 0, code
// 200, success true, an empty error, and no second answer that says otherwise.

// The answer's "result" (null where there is none). Errors carry one sentence that says what to do;
// Error::code is blade's own code, or -1 when the answer contradicts itself or cannot be read.
Result<nlohmann::json> ReadBladeAnswer(const ProgramRun& run);

inline constexpr int kBladeHasNoRecord = 67002;

// blade's own word on the experiment `uid`: an error unless the record is of this uid, its status
// is `wanted` ("Success", "Destroyed") and its error is empty.
Status ConfirmBladeRecord(const nlohmann::json& record, const std::string& uid,
                          const std::string& wanted);

}  // namespace grayling::probe
