#pragma once

#include <string>

#include "probe/fault/fault_keeper.h"

namespace grayling::probe {

// What `grayling-probe fault ...` prints: one line of JSON, and the exit code that goes with it.
struct Answer {
  std::string line;
  int exit_code = 0;
};

// {"ok":true,"id","guest_time_ns","readback","values"} or {"ok":false,"error"}
Answer AnswerApply(const FaultSettings& settings, const FaultOrder& order);
// {"ok":true,"id","guest_time_ns","residue","note"}, or {"ok":false,"error"[,"unknown":true]}.
// Residue is an error too: ok is false, and `residue` says what remains.
Answer AnswerRevert(const FaultSettings& settings, const std::string& id);
// {"ok","reverted":[ one object as above for each mark that was not known to have ended ]}. A
// damaged mark is one of them, with its error, and does not keep the others from being reverted.
// "strays" is there too when something without a mark was found and removed.
Answer AnswerRevertAll(const FaultSettings& settings);
// {"marks":[{"id","kind","active","ended_ns","state","note"[,"domain"]}]}. A damaged mark has the
// state "damaged", counts as active, and its note says what to do; such come last.
Answer AnswerList(const FaultSettings& settings);

Answer AnswerError(const std::string& sentence);

}  // namespace grayling::probe
