#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "probe/fault/fault_answers.h"

namespace grayling::probe {

// `fault apply|revert|list` of a program: the arguments that all such programs share, and what they
// do. Prints exactly one line of JSON, whatever goes wrong.
class FaultCommand {
 public:
  // Both outlive this object. The program adds what names its targets to apply().
  FaultCommand(CLI::App& app, FaultSettings& settings);
  FaultCommand(const FaultCommand&) = delete;
  FaultCommand& operator=(const FaultCommand&) = delete;

  CLI::App& apply() { return *apply_; }
  CLI::App& revert() { return *revert_; }
  CLI::App& list() { return *list_; }
  FaultOrder& order() { return order_; }

  bool parsed() const { return fault_->parsed(); }
  // Prints the answer; returns the exit code.
  int Run();
  // The same for arguments that could not be understood.
  static int Complain(const std::string& sentence);

 private:
  Answer Apply();
  Answer Revert();

  FaultSettings& settings_;
  FaultOrder order_;
  std::vector<std::string> parameters_;
  std::vector<std::string> options_;
  std::string shape_ = "constant";
  std::string blade_line_;
  bool all_ = false;
  CLI::App* fault_;
  CLI::App* apply_;
  CLI::App* revert_;
  CLI::App* list_;
};

}  // namespace grayling::probe
