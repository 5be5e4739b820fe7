#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "ml/trainer/fit.h"

namespace grayling {

// What `fit` and `crossval` let the user say about the fitting; what is not said follows the data.
struct FitOptions {
  bool unsupervised = false;
  std::string mode = "auto";  // of a detector without labels
  uint64_t seed = 1;
  std::string architecture = "lstm";
  int hidden = 32;
  int layers = 1;
  int epochs = 60;
  int features = 48;
  std::string selection = "f";
  std::string loss = "mixed";
  std::string device = "cpu";
  std::optional<double> event_recall;
  std::optional<double> false_alarms_per_hour;
  std::optional<double> margin_s;
  std::string threshold = "tuned";
  double alpha = 0.1;
  int members = 4;
  bool clean = false;
};

// Adds the options in the order of their weight. `options` outlives `command`.
void AddFitOptions(CLI::App& command, FitOptions& options);

// The budget of false alarms, whether the user named it or not.
double FalseAlarmBudget(const FitOptions& options, double period_s);

// INVALID_ARGUMENT for a word that no option knows.
absl::StatusOr<FitSettings> SettingsFrom(const FitOptions& options, double period_s);

}  // namespace grayling
