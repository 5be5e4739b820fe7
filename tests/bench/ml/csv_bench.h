#pragma once

#include <string>

namespace grayling {

// Registers the reading of kTableFile in `folder`, where WriteBenchData left it.
void RegisterCsvBench(const std::string& folder);

}  // namespace grayling
