#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

std::string StateName(v1::VmState state) {
  const std::string name = v1::VmState_Name(state);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "VM_STATE_"));
}

Table VmTable() {
  Table table;
  table.columns = {"NAME", "STATE", "AGENT", "ACCELERATOR", "VCPUS", "MEMORY_MIB", "FORWARDS"};
  return table;
}

void AddRow(const v1::Vm& vm, Table& table) {
  const auto forward = [](std::string* out, const v1::PortForward& item) {
    absl::StrAppend(out, item.host_port(), "->", item.guest_port());
  };
  table.rows.push_back({vm.name(), StateName(vm.state()), Cell(vm.agent_answers()),
                        vm.spec().accelerator(), absl::StrCat(vm.spec().vcpus()),
                        absl::StrCat(vm.spec().memory_mib()),
                        absl::StrJoin(vm.spec().forwards(), " ", forward)});
}

}  // namespace

Table TableOf(const v1::Vm& vm) {
  Table table = VmTable();
  AddRow(vm, table);
  return table;
}

Table TableOf(const v1::ListVmsResponse& list) {
  Table table = VmTable();
  for (const v1::Vm& vm : list.vms()) AddRow(vm, table);
  return table;
}

Table TableOf(const v1::ListServicesResponse& list) {
  Table table;
  table.columns = {"NAME", "HEALTH", "PID", "IMAGE", "IP_ADDRESS", "VETH", "CONTAINER"};
  for (const v1::Service& service : list.services()) {
    table.rows.push_back({service.name(), service.health(), absl::StrCat(service.pid()),
                          service.image(), service.ip_address(), service.veth(),
                          service.container_id().substr(0, 12)});
  }
  return table;
}

Table TableOf(const v1::Operation& operation) {
  Table table;
  table.columns = {"NAME", "TARGET", "DONE", "STEP", "ERROR"};
  table.rows.push_back({operation.name(), operation.target(), Cell(operation.done()),
                        operation.step(), operation.error_message()});
  return table;
}

}  // namespace grayling
