#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/status/status.h"
#include "grayling/v1/metric.pb.h"

namespace grayling {

// The options of a scrape target that say how it is reached and as whom, and what is done with what
// it says. They are kept here while the command line is parsed.
class ScrapeArguments {
 public:
  // `this` must outlive the parser.
  void AddTo(CLI::App& command);

  // Writes what was given. INVALID_ARGUMENT for a rule that cannot be read.
  absl::Status Fill(v1::ScrapeTarget& target) const;

 private:
  void AddRelabelOptions(CLI::App& command);
  void AddAccessOptions(CLI::App& command);

  v1::ScrapeTarget given_;
  bool gala_gopher_ = false;
  bool ignore_timestamps_ = false;
  std::vector<std::string> keep_;
  std::vector<std::string> drop_;
  std::vector<std::string> rename_;      // REGEX=NAME
  std::vector<std::string> replace_;     // LABEL=SOURCE/REGEX/REPLACEMENT
  std::vector<std::string> label_map_;   // REGEX=NAME
  std::vector<std::string> label_drop_;  // REGEX
};

}  // namespace grayling
