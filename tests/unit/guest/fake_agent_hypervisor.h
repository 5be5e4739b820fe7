#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/guest/executor.h"
#include "daemon/vm/hypervisor.h"

namespace grayling {

// One running domain whose guest agent speaks QGA's JSON as qemu-ga 7.2 does, and runs what
// `program` says. Everything else is UNIMPLEMENTED. For one thread.
class FakeAgentHypervisor final : public Hypervisor {
 public:
  // What running a program comes to: NOT_FOUND is a program that is not there, DEADLINE_EXCEEDED
  // one that never ends; otherwise its result.
  using Program = std::function<absl::StatusOr<ExecResult>(const std::vector<std::string>&)>;

  explicit FakeAgentHypervisor(Program program) : program_(std::move(program)) {}

  // A program's end is reported at the n-th question only.
  int questions_until_exit = 1;
  // Instead of any answer: an error status, or a text that is not QGA's.
  absl::Status broken_channel;
  std::string broken_answer;
  // libvirt hides the agent's error object and tells its text in an error of its own.
  bool errors_as_libvirt = false;
  // Signal that ends every program, 0 for none.
  int signal = 0;
  // The domain was undefined meanwhile.
  bool is_gone = false;
  int questions = 0;
  std::vector<absl::Duration> timeouts;

  absl::StatusOr<std::string> Describe() override { return std::string("fake"); }
  absl::Status Define(const VmDefinition&) override { return Absent(); }
  absl::Status Undefine(const std::string&) override { return Absent(); }
  absl::StatusOr<std::vector<std::string>> List() override {
    return std::vector<std::string>{"lab"};
  }
  absl::StatusOr<DomainState> State(const std::string& id) override;
  absl::Status Start(const std::string&) override { return Absent(); }
  absl::Status Shutdown(const std::string&) override { return Absent(); }
  absl::Status Destroy(const std::string&) override { return Absent(); }
  absl::StatusOr<std::string> AgentCommand(const std::string& id, const std::string& json,
                                           absl::Duration timeout) override;

 private:
  struct Process {
    absl::StatusOr<ExecResult> end;
    int questions = 0;
  };

  static absl::Status Absent() { return absl::UnimplementedError("not in this fake"); }
  absl::StatusOr<std::string> Error(const std::string& description) const;
  absl::StatusOr<std::string> Exec(const std::vector<std::string>& argv, bool capture);
  absl::StatusOr<std::string> ExecStatus(int pid);

  Program program_;
  std::map<int, Process> processes_;
  int next_pid_ = 700;
};

}  // namespace grayling
