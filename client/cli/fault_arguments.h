#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "grayling/v1/fault.pb.h"

namespace grayling {

// What a command line says about which fault hurts whom.
struct FaultArguments {
  std::string kind;
  std::string vm;
  std::string service;
  std::map<std::string, double> parameters;
  std::map<std::string, std::string> options;
};

// KIND, --vm, --service and --param. `fault` must outlive the parser.
void AddFaultArguments(CLI::App& command, FaultArguments& fault, const std::string& parameter_help);

v1::FaultSpec SpecOf(const FaultArguments& fault);

}  // namespace grayling
