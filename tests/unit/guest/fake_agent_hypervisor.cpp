#include "tests/unit/guest/fake_agent_hypervisor.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

using nlohmann::json;

std::string Return(const json& value) { return json{{"return", value}}.dump(); }

}  // namespace

absl::StatusOr<DomainState> FakeAgentHypervisor::State(const std::string& id) {
  if (id == "lab" && !is_gone) return DomainState::kRunning;
  return absl::NotFoundError(absl::StrCat("no domain ", id));
}

absl::StatusOr<std::string> FakeAgentHypervisor::AgentCommand(const std::string& id,
                                                              const std::string& text,
                                                              absl::Duration timeout) {
  timeouts.push_back(timeout);
  if (!broken_channel.ok()) return broken_channel;
  if (!broken_answer.empty()) return broken_answer;
  const absl::StatusOr<DomainState> state = State(id);
  if (!state.ok()) return state.status();
  const json command = json::parse(text);
  const json arguments = command.value("arguments", json::object());
  if (command["execute"] == "guest-exec") {
    std::vector<std::string> argv = {arguments["path"]};
    for (const json& argument : arguments["arg"]) argv.push_back(argument);
    return Exec(argv, arguments.value("capture-output", false));
  }
  if (command["execute"] == "guest-exec-status") return ExecStatus(arguments["pid"]);
  return Error(
      absl::StrCat("The command ", command["execute"].get<std::string>(), " has not been found"));
}

absl::StatusOr<std::string> FakeAgentHypervisor::Error(const std::string& description) const {
  if (errors_as_libvirt) {
    return absl::InternalError(
        absl::StrCat("internal error: unable to execute QEMU agent command 'guest-exec': Guest "
                     "agent command failed, error was '",
                     description, "'"));
  }
  return json{{"error", {{"class", "GenericError"}, {"desc", description}}}}.dump();
}

absl::StatusOr<std::string> FakeAgentHypervisor::Exec(const std::vector<std::string>& argv,
                                                      bool capture) {
  absl::StatusOr<ExecResult> end = program_(argv);
  if (absl::IsNotFound(end.status())) {
    return Error(absl::StrCat("Failed to execute child process \u201c", argv[0],
                              "\u201d (No such file or directory)"));
  }
  if (end.ok() && !capture) end->out = end->err = "";
  const int pid = next_pid_++;
  processes_.emplace(pid, Process{std::move(end)});
  return Return({{"pid", pid}});
}

absl::StatusOr<std::string> FakeAgentHypervisor::ExecStatus(int pid) {
  ++questions;
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return Error("Invalid parameter 'pid'");
  Process& process = found->second;
  if (!process.end.ok() || ++process.questions < questions_until_exit) {
    return Return({{"exited", false}});
  }
  json status = {{"exited", true}};
  if (signal != 0) {
    status["signal"] = signal;
  } else {
    status["exitcode"] = process.end->exit_code;
  }
  // The agent leaves empty streams out, and forgets a process once its end was told.
  if (!process.end->out.empty()) status["out-data"] = absl::Base64Escape(process.end->out);
  if (!process.end->err.empty()) status["err-data"] = absl::Base64Escape(process.end->err);
  processes_.erase(found);
  return Return(status);
}

}  // namespace grayling
