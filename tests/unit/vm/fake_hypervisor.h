#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/vm/hypervisor.h"

namespace grayling {

// Domains in memory; the test decides how their guests behave. For one thread.
class FakeHypervisor final : public Hypervisor {
 public:
  struct Domain {
    VmDefinition definition;
    DomainState state = DomainState::kShutOff;
    int pings = 0;
    int state_reads_while_shutting_down = -1;  // -1: nobody asked it to power off
  };

  // How the guests behave.
  int pings_before_agent_answers = 0;
  int pings_before_crash = -1;           // -1: never
  int state_reads_before_power_off = 1;  // after Shutdown
  absl::Status agent_error = absl::UnavailableError("QEMU guest agent is not connected");

  std::map<std::string, Domain> domains;
  int destroyed = 0;

  absl::StatusOr<std::string> Describe() override { return std::string("fake"); }

  absl::Status Define(const VmDefinition& definition) override {
    Domain& domain = domains[definition.id];
    if (domain.state == DomainState::kRunning) return absl::FailedPreconditionError("running");
    domain.definition = definition;
    return absl::OkStatus();
  }

  absl::Status Undefine(const std::string& id) override {
    if (!domains.contains(id)) return Unknown(id);
    if (domains[id].state == DomainState::kRunning) return absl::FailedPreconditionError("running");
    domains.erase(id);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> List() override {
    std::vector<std::string> names;
    for (const auto& [name, domain] : domains) names.push_back(name);
    return names;
  }

  absl::StatusOr<DomainState> State(const std::string& id) override {
    if (!domains.contains(id)) return Unknown(id);
    Domain& domain = domains[id];
    if (domain.state_reads_while_shutting_down >= 0 &&
        ++domain.state_reads_while_shutting_down >= state_reads_before_power_off) {
      domain.state = DomainState::kShutOff;
    }
    return domain.state;
  }

  absl::Status Start(const std::string& id) override {
    if (!domains.contains(id)) return Unknown(id);
    if (domains[id].state == DomainState::kRunning) return absl::FailedPreconditionError("running");
    domains[id].state = DomainState::kRunning;
    return absl::OkStatus();
  }

  absl::Status Shutdown(const std::string& id) override {
    domains[id].state_reads_while_shutting_down = 0;
    return absl::OkStatus();
  }

  absl::Status Destroy(const std::string& id) override {
    ++destroyed;
    domains[id].state = DomainState::kShutOff;
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> AgentCommand(const std::string& id, const std::string&,
                                           absl::Duration) override {
    Domain& domain = domains[id];
    const int ping = domain.pings++;
    if (pings_before_crash >= 0 && ping >= pings_before_crash) domain.state = DomainState::kCrashed;
    if (domain.state != DomainState::kRunning || ping < pings_before_agent_answers) {
      return agent_error;
    }
    return std::string(R"({"return":{}})");
  }

 private:
  static absl::Status Unknown(const std::string& id) {
    return absl::NotFoundError(absl::StrCat("no domain ", id));
  }
};

}  // namespace grayling
