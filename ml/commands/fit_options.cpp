#include "ml/commands/fit_options.h"

#include "base/status_macros.h"

namespace grayling {

void AddFitOptions(CLI::App& command, FitOptions& options) {
  command.add_flag("--unsupervised", options.unsupervised,
                   "without labels: learn what healthy rows look like; the options on networks, "
                   "inputs and recall have no effect then");
  command
      .add_option("--mode", options.mode,
                  "with --unsupervised: auto, distance (from usual levels), forecast (from the "
                  "recent past) or pca (what few components cannot give back)")
      ->check(CLI::IsMember({"auto", "distance", "forecast", "pca"}))
      ->capture_default_str();
  command
      .add_option("--arch", options.architecture,
                  "network: lstm, gru, cnn, logistic, or auto: the smallest within one standard "
                  "error of the best on held-out groups")
      ->check(CLI::IsMember({"auto", "lstm", "gru", "cnn", "logistic"}))
      ->capture_default_str();
  command
      .add_option("--false-alarms-per-hour", options.false_alarms_per_hour,
                  "most false alarms an hour that the threshold may give [3 for rows up to 10 s "
                  "apart, else 2, above a minute one in 30 rows]")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--event-recall", options.event_recall,
                  "share of faults that the threshold should find [0.95]")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--margin", options.margin_s,
                  "seconds around the first to the last fault of a run that count when the "
                  "threshold is tuned and results are judged [all of the run]")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--threshold", options.threshold,
                  "tuned: highest precision that keeps both targets; conformal: misses a new event "
                  "with probability --alpha at most, whatever the false alarms")
      ->check(CLI::IsMember({"tuned", "conformal"}))
      ->capture_default_str();
  command.add_option("--alpha", options.alpha, "share of events a conformal threshold may miss")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--features", options.features, "most inputs of the network")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  command
      .add_option("--selection", options.selection,
                  "how inputs are chosen: f (F test over correlation) or mi (mutual information)")
      ->check(CLI::IsMember({"f", "mi"}))
      ->capture_default_str();
  command.add_option("--hidden", options.hidden, "hidden units per layer")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  command.add_option("--layers", options.layers, "hidden layers")
      ->check(CLI::Range(1, 4))
      ->capture_default_str();
  command
      .add_option("--members", options.members,
                  "networks with different seeds whose answers are averaged into one network: "
                  "steadier, and as many times larger")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command.add_flag(
      "--clean", options.clean,
      "repair isolated spikes first, as `denoise` does; the model then does the same to "
      "the rows it scores");
  command
      .add_option("--loss", options.loss,
                  "bce (positives weighted), focal, softf (F2), tversky or mixed")
      ->check(CLI::IsMember({"bce", "focal", "softf", "tversky", "mixed"}))
      ->capture_default_str();
  command
      .add_option("--epochs", options.epochs, "most epochs; fewer are taken when they are better")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "seed of every random choice")->capture_default_str();
  command.add_option("--device", options.device, "cpu, or cuda where libtorch has it")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
}

double FalseAlarmBudget(const FitOptions& options, double period_s) {
  return options.false_alarms_per_hour.value_or(DefaultTargets(period_s).false_alarms_per_hour);
}

absl::StatusOr<FitSettings> SettingsFrom(const FitOptions& options, double period_s) {
  FitSettings settings = DefaultFit(period_s);
  NetworkSettings network;
  network.hidden = options.hidden;
  network.layers = options.layers;
  network.epochs = options.epochs;
  network.seed = options.seed;
  network.device = options.device;
  GRAYLING_ASSIGN_OR_RETURN(network.loss.kind, ParseLoss(options.loss));
  GRAYLING_ASSIGN_OR_RETURN(settings.networks, NetworksFor(options.architecture, network));
  settings.members = options.members;
  settings.clean = options.clean;
  settings.selection.count = options.features;
  if (options.selection == "mi") {
    settings.selection.criterion = SelectionCriterion::kMutualInformationDifference;
  }
  if (options.event_recall) settings.targets.event_recall = *options.event_recall;
  settings.targets.false_alarms_per_hour = FalseAlarmBudget(options, period_s);
  if (options.margin_s) settings.evaluation.margin_s = *options.margin_s;
  if (options.threshold == "conformal") settings.conformal_miss_rate = options.alpha;
  return settings;
}

}  // namespace grayling
