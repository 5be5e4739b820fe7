#include "probe/fault/fault_command.h"

#include <cstdio>

namespace grayling::probe {
namespace {

int Print(const Answer& answer) {
  std::printf("%s\n", answer.line.c_str());
  return answer.exit_code;
}

}  // namespace

FaultCommand::FaultCommand(CLI::App& app, FaultSettings& settings)
    : settings_(settings),
      fault_(app.add_subcommand("fault", "apply, revert and list faults")),
      apply_(fault_->add_subcommand("apply", "apply one fault for a time")),
      revert_(fault_->add_subcommand("revert", "end a fault now; safe to repeat")),
      list_(fault_->add_subcommand("list", "print the marks of all faults")) {
  fault_->require_subcommand(1);
  apply_->add_option("--id", order_.id, "the fault's id")->required();
  apply_->add_option("--kind", order_.kind, "a kind of the catalogue")->required();
  apply_->add_option("--ttl-ms", order_.ttl_ms, "it ends by itself after this time")->required();
  apply_->add_option("--param", parameters_, "name=number; may be repeated");
  apply_->add_option("--option", options_, "name=text; may be repeated");
  apply_->add_option("--shape", shape_, "how the intensity moves: ramp,from=0.2");
  apply_->add_option("--arguments", blade_line_, "a `blade create` line as a JSON list of words");
  revert_->add_option("--id", order_.id, "the fault's id");
  revert_->add_flag("--all", all_, "end all faults");
  for (CLI::App* command : {apply_, revert_, list_}) {
    command->add_option("--state-dir", settings_.mark_folder, "folder of fault marks");
    command->add_option("--keeper-cgroup", settings_.keeper_cgroup,
                        "cgroup of the processes that keep faults; empty: stay");
  }
}

Answer FaultCommand::Apply() {
  for (const std::string& assignment : parameters_) {
    if (Status added = AddParameter(order_, assignment); !added.ok()) {
      return AnswerError(added.error().sentence);
    }
  }
  for (const std::string& assignment : options_) {
    if (Status added = AddOption(order_, assignment); !added.ok()) {
      return AnswerError(added.error().sentence);
    }
  }
  if (std::string wrong = ParseShape(shape_, order_.shape); !wrong.empty()) {
    return AnswerError(wrong);
  }
  if (!blade_line_.empty()) {
    if (Status set = SetArguments(order_, blade_line_); !set.ok()) {
      return AnswerError(set.error().sentence);
    }
  }
  return AnswerApply(settings_, order_);
}

Answer FaultCommand::Revert() {
  if (all_ == !order_.id.empty()) return AnswerError("fault revert wants either --id ID or --all");
  return all_ ? AnswerRevertAll(settings_) : AnswerRevert(settings_, order_.id);
}

int FaultCommand::Run() {
  if (apply_->parsed()) return Print(Apply());
  if (revert_->parsed()) return Print(Revert());
  return Print(AnswerList(settings_));
}

int FaultCommand::Complain(const std::string& sentence) { return Print(AnswerError(sentence)); }

}  // namespace grayling::probe
