#include "client/cli/fault_arguments.h"

#include "client/cli/arguments.h"

namespace grayling {

void AddFaultArguments(CLI::App& command, FaultArguments& fault,
                       const std::string& parameter_help) {
  command.add_option("KIND", fault.kind, "See: grayling fault kinds")->required();
  command.add_option("--vm", fault.vm, "The VM that it acts in")->required();
  command.add_option("--service", fault.service, "The service that it hurts; none for vm.*");
  AddNumbersAndWords(command, "--param", fault.parameters, fault.options, parameter_help);
}

v1::FaultSpec SpecOf(const FaultArguments& fault) {
  v1::FaultSpec spec;
  spec.set_kind(fault.kind);
  spec.set_vm(ResourceName("vms", fault.vm));
  spec.set_service(fault.service);
  spec.mutable_parameters()->insert(fault.parameters.begin(), fault.parameters.end());
  spec.mutable_options()->insert(fault.options.begin(), fault.options.end());
  return spec;
}

}  // namespace grayling
